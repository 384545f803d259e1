// The one C++ file over Binaryen; see binaryen_shim.h for what and why.
#include "wasm/binaryen_shim.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <ir/module-utils.h>
#include <ir/properties.h>
#include <ir/type-updating.h>
#include <pass.h>
#include <support/colors.h>
#include <support/threads.h>
#include <wasm-binary.h>
#include <wasm-builder.h>
#include <wasm-traversal.h>
#include <wasm-validator.h>
#include <wasm.h>

namespace {

void say(char *message, size_t size, const char *text) {
  if (message != nullptr && size > 0) {
    std::snprintf(message, size, "%s", text);
  }
}

bool guarded(const std::function<void()> &work, char *message, size_t size) {
  try {
    work();
    return true;
  } catch (const std::exception &error) {
    say(message, size, error.what());
  } catch (...) {
    say(message, size, "unknown failure inside Binaryen");
  }
  return false;
}

// Compilations inside Binaryen, and the type store's life.
std::mutex store_mutex;
unsigned inside = 0;

} // namespace

void shim_enter(void) {
  std::lock_guard<std::mutex> lock(store_mutex);
  inside++;
}

void shim_leave(void) {
  std::lock_guard<std::mutex> lock(store_mutex);
  if (--inside == 0) {
    wasm::destroyAllTypesForTestingPurposesOnly();
  }
}

bool shim_guard(void (*work)(void *), void *context, char *message, size_t message_size) {
  return guarded([&] { work(context); }, message, message_size);
}

void shim_set_features(BinaryenModuleRef module) {
  using wasm::FeatureSet;
  ((wasm::Module *)module)->features = FeatureSet(
      FeatureSet::MutableGlobals | FeatureSet::TruncSat | FeatureSet::SignExt | FeatureSet::BulkMemory |
      FeatureSet::BulkMemoryOpt | FeatureSet::ReferenceTypes | FeatureSet::Multivalue | FeatureSet::GC |
      FeatureSet::TailCall | FeatureSet::ExceptionHandling);
}

BinaryenExpressionRef shim_call_indirect(BinaryenModuleRef module, const char *table,
                                         BinaryenExpressionRef target, BinaryenExpressionRef *operands,
                                         BinaryenIndex count, BinaryenHeapType type, bool is_return) {
  std::vector<wasm::Expression *> arguments(operands, operands + count);
  return wasm::Builder(*(wasm::Module *)module)
      .makeCallIndirect(table, (wasm::Expression *)target, arguments, wasm::HeapType(type), is_return);
}

void shim_fix_locals(BinaryenModuleRef module, BinaryenFunctionRef function) {
  wasm::TypeUpdating::handleNonDefaultableLocals((wasm::Function *)function, *(wasm::Module *)module);
}

namespace {

// ---------------------------------------------------------------------------------------------- optimising

// Time and runs of one Binaryen pass, summed over functions and threads.
struct PassTime {
  std::string name;
  std::atomic<uint64_t> nanoseconds{0};
  std::atomic<unsigned> runs{0};
};

using PassClock = std::chrono::steady_clock;

struct PassSpan {
  const PassTime *pass;
  PassClock::time_point start;
  PassClock::duration spent;
  std::thread::id thread;
};

class PassTimes {
public:
  PassTime *of(const std::string &name) {
    auto found = index.find(name);
    if (found != index.end()) {
      return found->second;
    }
    times.push_back(std::make_unique<PassTime>());
    times.back()->name = name;
    return index[name] = times.back().get();
  }
  void add(PassTime *pass, PassClock::time_point start) {
    PassClock::duration spent = PassClock::now() - start;
    pass->nanoseconds += (uint64_t)std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count();
    pass->runs++;
    if (keeps_spans) {
      std::lock_guard<std::mutex> lock(mutex);
      spans.push_back({pass, start, spent, std::this_thread::get_id()});
    }
  }
  bool keeps_spans = false;
  std::vector<std::unique_ptr<PassTime>> times;
  std::vector<PassSpan> spans;

private:
  std::map<std::string, PassTime *> index;
  std::mutex mutex;
};

// Stands in for a pass and measures it; everything else is asked of the pass itself, so that the schedule
// (which passes run function by function, and together) does not change.
class TimedPass : public wasm::Pass {
public:
  TimedPass(std::unique_ptr<wasm::Pass> pass_, PassTimes *times_, PassTime *time_)
      : pass(std::move(pass_)), times(times_), time(time_) {
    name = pass->name;
  }
  void run(wasm::Module *module) override {
    Clock clock(this);
    pass->setPassRunner(getPassRunner());
    pass->run(module);
  }
  void runOnFunction(wasm::Module *module, wasm::Function *function) override {
    Clock clock(this);
    pass->setPassRunner(getPassRunner());
    pass->runOnFunction(module, function);
  }
  std::unique_ptr<wasm::Pass> create() override {
    return std::make_unique<TimedPass>(pass->create(), times, time);
  }
  bool isFunctionParallel() override { return pass->isFunctionParallel(); }
  bool modifiesBinaryenIR() override { return pass->modifiesBinaryenIR(); }
  bool invalidatesDWARF() override { return pass->invalidatesDWARF(); }
  bool requiresNonNullableLocalFixups() override { return pass->requiresNonNullableLocalFixups(); }
  bool addsEffects() override { return pass->addsEffects(); }

private:
  struct Clock {
    explicit Clock(TimedPass *timed_) : timed(timed_), start(PassClock::now()) {}
    ~Clock() { timed->times->add(timed->time, start); }
    TimedPass *timed;
    PassClock::time_point start;
  };
  std::unique_ptr<wasm::Pass> pass;
  PassTimes *times;
  PassTime *time;
};

class MeasuringRunner : public wasm::PassRunner {
public:
  MeasuringRunner(wasm::Module *module, const wasm::PassOptions &pass_options, PassTimes *times_)
      : PassRunner(module, pass_options), times(times_) {}

protected:
  void doAdd(std::unique_ptr<wasm::Pass> pass) override {
    if (times != nullptr) {
      PassTime *time = times->of(pass->name);
      pass = std::make_unique<TimedPass>(std::move(pass), times, time);
    }
    PassRunner::doAdd(std::move(pass));
  }

private:
  PassTimes *times;
};

// Spec 10 §13, in this order.
const char *const extra_passes[] = {
    "const-hoisting",     "heap-store-optimization", "heap2local",     "licm",
    "merge-locals",       "merge-similar-functions", "optimize-casts", "precompute-propagate",
    "tuple-optimization",
};
const unsigned extra_pass_count = sizeof extra_passes / sizeof *extra_passes;

// The largest function, in expressions, that is inlined at each of several calls. Twice Binaryen's own
// measure: `next` of a range has 33.
const wasm::Index inlined_size = 40;

wasm::PassOptions pass_options(ShimProfile profile) {
  wasm::PassOptions options;
  options.validate = false;
  options.validateGlobally = false;
  if (profile == SHIM_PROFILE_STANDARD) {
    options.optimizeLevel = 2;
    options.shrinkLevel = 1;
  } else {
    options.optimizeLevel = 3;
    options.shrinkLevel = 2;
    options.worldMode = wasm::WorldMode::Closed;
  }
  return options;
}

void run_stage(ShimOptimize *options, ShimStage stage, MeasuringRunner &runner) {
  auto start = std::chrono::steady_clock::now();
  runner.run();
  std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  options->stage_milliseconds[stage] = spent.count();
}

void optimize(wasm::Module *module, ShimOptimize *options, PassTimes *times) {
  wasm::ThreadPool::setThreads(options->threads);
  wasm::PassOptions passes = pass_options(options->profile);
  {
    // Binaryen inlines a function with several callers only where size does not count, and what std does in
    // small functions (iterators, subscripts, bytes of strings) is worth little until it is inlined. Size
    // counts again in the last cycle.
    wasm::PassOptions first = passes;
    if (options->profile == SHIM_PROFILE_AGGRESSIVE) {
      first.shrinkLevel = 0;
      first.inlining.flexibleInlineMaxSize = inlined_size;
    }
    MeasuringRunner runner(module, first, times);
    runner.addDefaultOptimizationPasses();
    run_stage(options, SHIM_STAGE_INITIAL, runner);
  }
  if (options->profile == SHIM_PROFILE_STANDARD) {
    return;
  }
  {
    MeasuringRunner runner(module, passes, times);
    for (unsigned i = 0; i < extra_pass_count; i++) {
      if (!(options->skipped_extra_passes >> i & 1)) {
        runner.add(extra_passes[i]);
      }
    }
    run_stage(options, SHIM_STAGE_EXTRA, runner);
  }
  if (!options->skip_final) {
    MeasuringRunner runner(module, passes, times);
    runner.addDefaultOptimizationPasses();
    run_stage(options, SHIM_STAGE_FINAL, runner);
  }
}

} // namespace

const char *shim_extra_pass(unsigned index) {
  return index < extra_pass_count ? extra_passes[index] : nullptr;
}

static double milliseconds(PassClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Threads are numbered in the order in which they show, behind the caller's.
static void report(const ShimOptimize *options, const PassTimes &times) {
  std::map<std::thread::id, unsigned> threads = {{std::this_thread::get_id(), 0}};
  for (const auto &pass : times.times) {
    options->report(options->report_context, pass->name.c_str(), (double)pass->nanoseconds / 1e6, pass->runs);
  }
  for (const PassSpan &span : times.spans) {
    unsigned thread = threads.emplace(span.thread, (unsigned)threads.size()).first->second;
    options->trace(options->report_context, span.pass->name.c_str(),
                   milliseconds(span.start.time_since_epoch()), milliseconds(span.spent), thread);
  }
}

bool shim_optimize(BinaryenModuleRef module, ShimOptimize *options, char *message, size_t message_size) {
  return guarded(
      [&] {
        PassTimes times;
        times.keeps_spans = options->trace != nullptr;
        optimize((wasm::Module *)module, options, options->measure ? &times : nullptr);
        report(options, times);
      },
      message, message_size);
}

bool shim_validate(BinaryenModuleRef module, char *message, size_t message_size) {
  bool valid = false;
  bool ran = guarded(
      [&] {
        wasm::WasmValidator validator;
        valid = validator.validate(*(wasm::Module *)module,
                                   wasm::WasmValidator::Globally | wasm::WasmValidator::Quiet);
      },
      message, message_size);
  if (ran && !valid) {
    say(message, message_size, "the module is invalid");
  }
  return valid;
}

static void hand_over(const char *from, size_t count, char **to) {
  *to = (char *)std::malloc(count + 1);
  if (*to == nullptr) {
    throw std::bad_alloc();
  }
  if (count > 0) { // an empty vector has no data to point at
    std::memcpy(*to, from, count);
  }
  (*to)[count] = 0;
}

bool shim_write(BinaryenModuleRef module, ShimBinary *binary, char *message, size_t message_size) {
  return guarded(
      [&] {
        wasm::PassOptions options;
        if (binary->optimized) {
          options = pass_options(SHIM_PROFILE_STANDARD);
          options.generateStackIR = true;
          options.optimizeStackIR = true;
        }
        wasm::BufferWithRandomAccess buffer;
        wasm::WasmBinaryWriter writer((wasm::Module *)module, buffer, options);
        std::ostringstream map;
        if (binary->wants_map) {
          wasm::PassRunner runner((wasm::Module *)module);
          runner.add("propagate-debug-locs");
          runner.run();
          writer.setSourceMap(&map, "");
        }
        writer.setNamesSection(false);
        writer.setEmitModuleName(false);
        writer.write();
        binary->size = buffer.size();
        hand_over((const char *)buffer.data(), buffer.size(), (char **)&binary->bytes);
        std::string text = map.str();
        binary->map_size = text.size();
        hand_over(text.data(), text.size(), &binary->map);
      },
      message, message_size);
}

bool shim_write_text(BinaryenModuleRef module, char **text, size_t *size, char *message,
                     size_t message_size) {
  return guarded(
      [&] {
        Colors::setEnabled(false);
        std::ostringstream stream;
        stream << *(wasm::Module *)module;
        std::string result = stream.str();
        *size = result.size();
        hand_over(result.data(), result.size(), text);
      },
      message, message_size);
}

// ------------------------------------------------------------------------------------------------ counting

namespace {

struct Counter : public wasm::PostWalker<Counter, wasm::UnifiedExpressionVisitor<Counter>> {
  ShimCounters *counters;

  void visitExpression(wasm::Expression *curr) {
    if (wasm::Properties::hasUnwritableTypeImmediate(curr)) {
      return; // written as a block that only evaluates the operands
    }
    switch (curr->_id) {
    case wasm::Expression::StructNewId:
      (curr->cast<wasm::StructNew>()->isWithDefault() ? counters->struct_new_default
                                                      : counters->struct_new)++;
      break;
    case wasm::Expression::ArrayNewId:
    case wasm::Expression::ArrayNewDataId:
    case wasm::Expression::ArrayNewElemId:
    case wasm::Expression::ArrayNewFixedId:
      counters->array_new++;
      break;
    case wasm::Expression::RefCastId:
      counters->ref_cast++;
      break;
    case wasm::Expression::CallRefId:
      counters->call_ref += !curr->cast<wasm::CallRef>()->isReturn;
      break;
    case wasm::Expression::TupleMakeId:
      counters->tuple_make++;
      break;
    default:
      break;
    }
  }
};

} // namespace

bool shim_count(BinaryenModuleRef module, ShimCounters *counters, char *message, size_t message_size) {
  std::memset(counters, 0, sizeof *counters);
  return guarded(
      [&] {
        Counter counter;
        counter.counters = counters;
        counter.walkModule((wasm::Module *)module);
      },
      message, message_size);
}

// ------------------------------------------------------------------------------------------------- naming

bool shim_functions(BinaryenModuleRef module, void (*each)(void *context, uint32_t index, const char *name),
                    void *context) {
  uint32_t index = 0;
  auto visit = [&](wasm::Function *function) { each(context, index++, function->name.toString().c_str()); };
  return guarded(
      [&] {
        wasm::ModuleUtils::iterImportedFunctions(*(wasm::Module *)module, visit);
        wasm::ModuleUtils::iterDefinedFunctions(*(wasm::Module *)module, visit);
      },
      nullptr, 0);
}

bool shim_rename_functions(BinaryenModuleRef module, const char *(*rename)(void *context, const char *name),
                           void *context, char *message, size_t message_size) {
  return guarded(
      [&] {
        std::map<wasm::Name, wasm::Name> names;
        for (auto &function : ((wasm::Module *)module)->functions) {
          names[function->name] = wasm::Name(rename(context, function->name.toString().c_str()));
        }
        wasm::ModuleUtils::renameFunctions(*(wasm::Module *)module, names);
      },
      message, message_size);
}

bool shim_rename_exports(BinaryenModuleRef module, const char *(*rename)(void *context, const char *name),
                         void *context, char *message, size_t message_size) {
  return guarded(
      [&] {
        for (auto &item : ((wasm::Module *)module)->exports) {
          item->name = wasm::Name(rename(context, item->name.toString().c_str()));
        }
      },
      message, message_size);
}
