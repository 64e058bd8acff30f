// Finding and deleting files, independent of plugins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// The names of the files directly in `folder` that were last written at least so many days ago, sorted; the first 1000.
std::vector<std::string> old_files(const std::filesystem::path &folder, std::int64_t days);

// Deletes these files. Returns the names of those that it could delete.
std::vector<std::string> delete_files(const std::filesystem::path &folder, const std::vector<std::string> &names);
