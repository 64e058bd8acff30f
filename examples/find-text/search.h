// The search, independent of plugins.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

struct Match {
  std::size_t line; // from 1
  std::string text; // of the line
};

// The files in a folder and below, relative to it, sorted. Throws std::filesystem::filesystem_error.
std::vector<std::string> files_in(const std::string &folder);

// The lines of a file that contain `text`, at most `max`. A file that cannot be read has none.
std::vector<Match> matches_in(const std::string &folder, const std::string &file, const std::string &text, std::size_t max);
