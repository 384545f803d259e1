// Replaces Binaryen's support/threads.h for voydc. Same interface towards the passes, other rules:
//
// - How many threads a pass may use is set per calling thread (ThreadPool::setThreads) and is 1 at first, so
//   that small modules never pay for a pool and concurrent compilations never wait for each other: the original
//   pool is one per process, behind one lock.
// - Helper threads live for one piece of work, and work they start themselves is sequential.
// - An exception on a helper thread reaches the caller instead of ending the process.

#ifndef wasm_support_threads_h
#define wasm_support_threads_h

#include <atomic>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace wasm {

enum class ThreadWorkState { More, Finished };

class ThreadPool {
public:
  // The number of cores this process may use.
  static size_t getNumCores();

  static ThreadPool* get();

  // How many threads passes that the calling thread runs may use from now on, itself included; 0 counts as 1.
  static void setThreads(size_t count);

  // Runs every function until it returns Finished. There are size() of them.
  void work(std::vector<std::function<ThreadWorkState()>>& doWorkers);

  size_t size();

  bool isRunning() { return false; }
};

// Verify a code segment is only entered once.
class OnlyOnce {
  std::atomic<int> created{0};

public:
  void verify() {
    [[maybe_unused]] auto before = created.fetch_add(1);
    assert(before == 0);
  }
};

} // namespace wasm

#endif // wasm_support_threads_h
