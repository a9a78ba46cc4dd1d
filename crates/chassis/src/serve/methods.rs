//! What the descriptor set says about each method.

use std::collections::HashMap;

use prost::Message;
use prost_types::FileDescriptorSet;

/// Field of a request message that makes its method a mutation.
const MUTATION_FIELD: &str = "request_id";

/// What the server must know about a method before it calls it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Method {
    /// The answer is a stream: no default deadline, ended by the server when it drains.
    pub(super) streaming: bool,
    /// A missed deadline leaves the outcome unknown.
    pub(super) mutation: bool,
}

/// All methods by full path, `/package.Service/Method`.
#[derive(Debug)]
pub(super) struct Methods(HashMap<String, Method>);

impl Methods {
    /// Reads the given set, and the sets of health and reflection.
    pub(super) fn of(descriptor_set: &[u8]) -> Result<Self, prost::DecodeError> {
        let mut methods = HashMap::new();
        for bytes in [
            descriptor_set,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ] {
            collect(&FileDescriptorSet::decode(bytes)?, &mut methods);
        }
        Ok(Self(methods))
    }

    pub(super) fn get(&self, path: &str) -> Option<Method> {
        self.0.get(path).copied()
    }
}

fn collect(set: &FileDescriptorSet, methods: &mut HashMap<String, Method>) {
    let mutations: Vec<String> = set
        .file
        .iter()
        .flat_map(|file| file.message_type.iter().map(move |message| (file.package(), message)))
        .filter(|(_, message)| message.field.iter().any(|field| field.name() == MUTATION_FIELD))
        .map(|(package, message)| format!(".{package}.{}", message.name()))
        .collect();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let known = Method {
                    streaming: method.server_streaming(),
                    mutation: mutations.iter().any(|name| name == method.input_type()),
                };
                methods.insert(path, known);
            }
        }
    }
}
