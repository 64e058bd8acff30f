#include "rules.h"

#include <algorithm>
#include <iterator>

namespace {

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool matches(const Rule &rule, std::string_view text) {
  for (auto at = text.find(rule.prefix); at != text.npos; at = text.find(rule.prefix, at + 1)) {
    if (at > 0 && rule.min_length > 0 && is_token_character(text[at - 1])) continue; // inside a word: "risk-…"
    const auto rest = text.substr(at + rule.prefix.size());
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_token_character);
    if (static_cast<std::size_t>(end - rest.begin()) >= rule.min_length) return true;
  }
  return false;
}

template <typename Predicate> const Rule *find_first(Predicate predicate) {
  const auto found = std::find_if(std::begin(RULES), std::end(RULES), predicate);
  return found == std::end(RULES) ? nullptr : found;
}

}

const Rule *find_secret(std::string_view text) {
  return find_first([text](const Rule &rule) { return matches(rule, text); });
}

const Rule *find_rule(std::string_view name) {
  return find_first([name](const Rule &rule) { return rule.name == name; });
}
