#include "search.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string &folder) {
  std::vector<std::string> files;
  const fs::path root = fs::u8path(folder);
  for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(root).generic_u8string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Match> matches_in(const std::string &folder, const std::string &file, const std::string &text, std::size_t max) {
  std::vector<Match> matches;
  std::ifstream stream(fs::u8path(folder) / fs::u8path(file), std::ios::binary);
  std::string line;
  for (std::size_t number = 1; matches.size() < max && std::getline(stream, line); number++) {
    if (line.find(text) != std::string::npos) matches.push_back({number, line.substr(0, 500)});
  }
  return matches;
}
