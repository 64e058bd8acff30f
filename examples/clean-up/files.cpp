#include "files.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace fs = std::filesystem;

namespace {

constexpr std::size_t MAX_FILES = 1000;
constexpr std::int64_t MAX_DAYS = 36500;

bool is_old(const fs::directory_entry &entry, std::int64_t days) {
  // Not the target of a symbolic link, which may be anywhere.
  if (entry.symlink_status().type() != fs::file_type::regular) return false;
  const auto age = fs::file_time_type::clock::now() - entry.last_write_time();
  return age >= std::chrono::hours(24 * std::clamp<std::int64_t>(days, 0, MAX_DAYS));
}

}

std::vector<std::string> old_files(const fs::path &folder, std::int64_t days) {
  std::vector<std::string> names;
  for (const auto &entry : fs::directory_iterator(folder))
    if (is_old(entry, days)) names.push_back(entry.path().filename().u8string());
  std::sort(names.begin(), names.end());
  if (names.size() > MAX_FILES) names.resize(MAX_FILES);
  return names;
}

std::vector<std::string> delete_files(const fs::path &folder, const std::vector<std::string> &names) {
  std::vector<std::string> deleted;
  std::error_code error;
  for (const auto &name : names)
    if (fs::remove(folder / fs::u8path(name), error)) deleted.push_back(name);
  return deleted;
}
