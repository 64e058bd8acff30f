// A tool that searches files on a thread of its own: with progress, and until it is cancelled.
#include <aisopod/plugin.hpp>

#include "search.h"

namespace {

constexpr char PARAMETERS[] = R"({
  "type": "object",
  "properties": {
    "text": { "type": "string", "minLength": 1, "description": "what to search for" },
    "max": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "the search ends after so many matches" }
  },
  "required": ["text"],
  "additionalProperties": false
})";

class FindText : public aisopod::Plugin {
public:
  FindText() : Plugin("find-text") {
    // The search takes long, so it runs on the worker. Meanwhile the host can call the plugin again.
    pending_tool("find_text", "Finds a text in the files of the configured folder", PARAMETERS, [this](aisopod::Pending pending) {
      worker_.run(std::move(pending), [folder = folder_](const aisopod::Pending &call) { return find(call, folder); });
    });
  }

private:
  void init(const aisopod::Init &given) override { folder_ = given.config()["folder"].text_or(given.data_dir()); }

  // An exception of this becomes the status and message of the call.
  static std::string find(const aisopod::Pending &call, const std::string &folder) {
    const aisopod::Json parameters = call.parameters();
    const std::string text = parameters["text"].text();
    const auto max = static_cast<std::size_t>(parameters["max"].integer_or(100));
    const aisopod::Stream stream = call.stream();

    const std::vector<std::string> files = files_in(folder);
    aisopod::JsonWriter answer;
    answer.open_object().key("matches").open_array();
    std::size_t count = 0;
    for (std::size_t i = 0; i < files.size() && count < max; i++) {
      stream.stop_if_cancelled();
      stream.progress(i, files.size(), files[i]);
      for (const Match &match : matches_in(folder, files[i], text, max - count)) {
        answer.open_object().member("file", files[i]).member("line", match.line).member("text", match.text).close_object();
        count++;
      }
    }
    return answer.close_array().member("files", files.size()).close_object().str();
  }

  std::string folder_;
  aisopod::Worker worker_{*this}; // the last member, so that it is joined before the others are gone
};

}

AISOPOD_PLUGIN(FindText);
