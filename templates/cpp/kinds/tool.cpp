// {{title}}: the tool {{capability}}.
#include <aisopod/plugin.hpp>

namespace {

constexpr char PARAMETERS[] = R"({
  "type": "object",
  "properties": {
    "name": { "type": "string", "maxLength": 100, "description": "who is greeted" },
    "times": { "type": "integer", "minimum": 1, "maximum": 10, "default": 1, "description": "how often" }
  },
  "required": ["name"],
  "additionalProperties": false
})";

// The host has checked the parameters against the schema. An exception becomes a failure of this one call.
aisopod::Answer greet(aisopod::Call &call) {
  const aisopod::Json parameters = call.parameters();
  const std::string greeting = "Hello, " + parameters["name"].text() + "!";
  std::string text = greeting;
  for (std::int64_t i = 1; i < parameters["times"].integer_or(1); i++) text += " " + greeting;
  return aisopod::JsonWriter().open_object().member("greeting", text).close_object();
}

class {{Class}} : public aisopod::Plugin {
public:
  {{Class}}() : Plugin("{{id}}") { tool("{{capability}}", "Greets someone", PARAMETERS, greet); }
};

}

AISOPOD_PLUGIN({{Class}});
