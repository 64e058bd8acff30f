// The patterns of secrets, independent of plugins.
#pragma once

#include <string_view>

struct Rule {
  std::string_view name;
  std::string_view prefix;
  std::size_t min_length; // of the token after the prefix
  std::string_view meaning;
};

inline constexpr Rule RULES[] = {
    {"aws-access-key", "AKIA", 16, "an access key id of Amazon Web Services"},
    {"github-token", "ghp_", 36, "a personal access token of GitHub"},
    {"model-api-key", "sk-", 20, "an API key of a model provider"},
    {"private-key", "-----BEGIN ", 0, "a private key or certificate in PEM form"},
    {"slack-token", "xoxb-", 24, "a bot token of Slack"},
};

// The first rule that matches something in `text`, or nullptr. Not std::regex, which can overflow a thread's stack.
const Rule *find_secret(std::string_view text);

// The rule with this name, or nullptr.
const Rule *find_rule(std::string_view name);
