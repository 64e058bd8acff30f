// {{title}}: a handler of the hook {{capability}}.
#include <aisopod/plugin.hpp>

namespace {

// Only for the tool `shell`. If this handler fails, that counts as a veto.
constexpr char SPEC[] = R"({"match": ["shell"], "failClosed": true})";

// {"tool": "shell", "params": {"command": "…"}, …}
aisopod::HookAnswer check(aisopod::Call &call) {
  const std::string command = call.parameters()["params"]["command"].text_or("");
  if (command.find("rm -rf") != command.npos) return aisopod::HookAnswer::veto("the command deletes whole folders");
  return aisopod::HookAnswer::proceed();
}

class {{Class}} : public aisopod::Plugin {
public:
  {{Class}}() : Plugin("{{id}}") { hook("{{capability}}", SPEC, check); }
};

}

AISOPOD_PLUGIN({{Class}});
