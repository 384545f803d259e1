// See threads.h.

#include "support/threads.h"

#include <algorithm>
#include <exception>
#include <system_error>

#ifdef __linux__
#include <sched.h>
#endif

namespace wasm {

static thread_local size_t allowedThreads = 1;

size_t ThreadPool::getNumCores() {
#ifdef __linux__
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof(usable), &usable) == 0) {
    return std::max(1, CPU_COUNT(&usable));
  }
#endif
  return std::max(1U, std::thread::hardware_concurrency());
}

ThreadPool* ThreadPool::get() {
  static ThreadPool pool; // has no state
  return &pool;
}

void ThreadPool::setThreads(size_t count) { allowedThreads = std::max<size_t>(1, count); }

size_t ThreadPool::size() { return allowedThreads; }

void ThreadPool::work(std::vector<std::function<ThreadWorkState()>>& doWorkers) {
  std::mutex failureMutex;
  std::exception_ptr failure;
  auto runWorker = [&](std::function<ThreadWorkState()>& doWorker) {
    try {
      while (doWorker() == ThreadWorkState::More) {
      }
    } catch (...) {
      std::lock_guard<std::mutex> lock(failureMutex);
      if (!failure) {
        failure = std::current_exception();
      }
    }
  };
  std::vector<std::thread> helpers;
  size_t next = 1;
  for (; next < doWorkers.size(); next++) {
    try {
      helpers.emplace_back([&runWorker, &worker = doWorkers[next]] { runWorker(worker); });
    } catch (const std::system_error&) {
      break; // no more threads to be had: the caller does the rest
    }
  }
  // Work that is started from within this work stays on its thread.
  const size_t allowed = allowedThreads;
  allowedThreads = 1;
  if (!doWorkers.empty()) {
    runWorker(doWorkers[0]);
  }
  for (; next < doWorkers.size(); next++) {
    runWorker(doWorkers[next]);
  }
  for (auto& helper : helpers) {
    helper.join();
  }
  allowedThreads = allowed;
  if (failure) {
    std::rethrow_exception(failure);
  }
}

} // namespace wasm
