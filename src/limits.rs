//! How much of anything a document may have. What is over a limit is rejected with the limit's name, so that a
//! user who needs more knows which one to raise.

use crate::error::{Failure, Reason};

/// A limit and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// As it is set: in a pipeline file under `[limits]`, in the environment as `BATON_LIMIT_` and upper case.
    pub name: &'static str,
    /// The most that is allowed.
    pub most: usize,
}

impl Limit {
    /// # Errors
    /// A Reject that names the limit and how to raise it.
    pub fn check(self, value: usize) -> Result<(), Failure> {
        if value <= self.most {
            return Ok(());
        }
        Err(self.exceeded(&value.to_string()))
    }

    /// The Reject of something that is over the limit, by how much was not found out.
    pub fn exceed(self) -> Failure {
        self.exceeded("more")
    }

    fn exceeded(self, value: &str) -> Failure {
        let (name, variable) = (self.name, self.variable());
        let message = format!(
            "{name} is {value}, over the limit of {} ({name} in [limits] of a pipeline file, {variable} of a deployed \
             stage)",
            self.most
        );
        Failure::reject(Reason::TooLarge, message)
    }

    /// The environment variable that sets it.
    pub fn variable(self) -> String {
        format!("BATON_LIMIT_{}", self.name.to_ascii_uppercase())
    }
}

/// Defines the limits once: the struct, the defaults and the names.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $default:expr;)*) => {
        /// All limits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $name: Limit,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($name: Limit { name: stringify!($name), most: $default },)* }
            }
        }

        impl Limits {
            /// Each limit, to be read or set.
            pub fn all(&mut self) -> Vec<&mut Limit> {
                vec![$(&mut self.$name),*]
            }
        }
    };
}

limits! {
    /// Bytes of an object as it lies in the bucket, packed or not.
    object_bytes = 20 << 20;
    /// Bytes of a document when it is unpacked.
    document_bytes = 20 << 20;
    /// Bytes of a document's text.
    text_bytes = 10 << 20;
    /// Bytes of all documents in work at a time, and of all that is made of them; one that is larger is in work alone.
    batch_bytes = 32 << 20;
    /// Nested objects and arrays.
    json_depth = 64;
    /// Values in a document's JSON: fields of objects and elements of arrays.
    json_values = 1_000_000;
    /// Entities that come with a document, and with those that were found.
    entities = 10_000;
    /// Mentions, given and found by name.
    mentions = 100_000;
    /// Bytes of the texts of all mentions together: they may overlap, and each stands in the result.
    mention_bytes = 10 << 20;
    /// Sentences.
    sentences = 100_000;
    /// Tokens that the model reads, about: a mention in a long sentence has a window of its own, however short it is.
    tokens = 10_000_000;
    /// Bytes of a result: the next stage takes in no more.
    result_bytes = 20 << 20;
    /// Bytes of a form of a result, written besides it.
    form_bytes = 64 << 20;
    /// Stages that a document may go through.
    hops = 32;
}
