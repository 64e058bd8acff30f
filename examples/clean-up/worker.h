// A thread for work that must not run in the host's callbacks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

class Worker {
public:
  void start();
  // Runs `task` on the thread, after those before it. May be called on any thread; does not block.
  void post(std::function<void()> task);
  // Runs what has been posted, then ends the thread.
  void stop();

private:
  void run();

  std::thread thread_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopping_ = false;
};
