// {{title}}: the command {{capability}}.
#include <aisopod/plugin.hpp>

namespace {

// Returns the exit code.
int greet(aisopod::CommandCall &call) {
  if (call.args().empty()) {
    call.err("usage: {{capability}} NAME...\n");
    return 2;
  }
  for (const std::string &name : call.args()) call.out("Hello, " + name + "!\n");
  return 0;
}

class {{Class}} : public aisopod::Plugin {
public:
  {{Class}}() : Plugin("{{id}}") { command("{{capability}}", "Greets people", R"({"usage":"{{capability}} NAME..."})", greet); }
};

}

AISOPOD_PLUGIN({{Class}});
