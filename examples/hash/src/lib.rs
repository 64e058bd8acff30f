//! The tool `hash`: {"text": "...", "algorithm": "sha256"} -> {"hash": "..."}.

mod digest;

use aisopod_plugin::{export, json, Call, Failure, Plugin, Setup, Value};

const DESCRIPTION: &str = "The FNV-1a, CRC-32 or SHA-256 of a text, in hexadecimal";
const PARAMETERS: &str = r#"{
  "type": "object",
  "properties": { "text": { "type": "string" }, "algorithm": { "enum": ["fnv1a", "crc32", "sha256"] } },
  "required": ["text", "algorithm"],
  "additionalProperties": false
}"#;

struct Hash;

impl Plugin for Hash {
    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.thread_safe();
        setup.tool("hash", DESCRIPTION, PARAMETERS, hash);
        Hash
    }
}

fn hash(_: &Hash, call: &Call) -> Result<Value, Failure> {
    let parameters = call.parameters()?;
    let text = parameters.get("text").text()?.as_bytes();
    let hash = match parameters.get("algorithm").text()? {
        "fnv1a" => digest::fnv1a(text),
        "crc32" => digest::crc32(text),
        "sha256" => digest::sha256(text),
        _ => return Err(Failure::invalid("unknown algorithm")),
    };
    Ok(json::object([("hash", hash.into())]))
}

export!(Hash, "hash");
