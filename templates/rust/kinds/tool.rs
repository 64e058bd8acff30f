//! {{title}}: the tool {{capability}}.

use aisopod_plugin::{export, json, Call, Failure, Plugin, Setup, Value};

const PARAMETERS: &str = r#"{
  "type": "object",
  "properties": {
    "name": { "type": "string", "maxLength": 100, "description": "who is greeted" },
    "times": { "type": "integer", "minimum": 1, "maximum": 10, "default": 1, "description": "how often" }
  },
  "required": ["name"],
  "additionalProperties": false
}"#;

struct {{Class}};

impl Plugin for {{Class}} {
    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.tool("{{capability}}", "Greets someone", PARAMETERS, greet);
        {{Class}}
    }
}

/// The host has checked the parameters against the schema. An `Err` or a panic is a failure of this one call.
fn greet(_: &{{Class}}, call: &Call) -> Result<Value, Failure> {
    let parameters = call.parameters()?;
    let greeting = format!("Hello, {}!", parameters.get("name").text()?);
    let times = parameters.get("times").int().unwrap_or(1);
    let all: Vec<&str> = (0..times).map(|_| greeting.as_str()).collect();
    Ok(json::object([("greeting", all.join(" ").into())]))
}

export!({{Class}}, "{{id}}");
