//! A service that a test runs in its own process.

use std::fmt::Debug;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A service in the test's runtime. Dropping it tells it to end; [`Running::stop`] waits for that.
#[derive(Debug)]
pub struct Running {
    shutdown: CancellationToken,
    supervised: Option<JoinHandle<()>>,
}

impl Running {
    /// What ends after `shutdown` is cancelled.
    ///
    /// # Panics
    /// In [`Running::stop`], when it ends with an error.
    pub fn new<E: Debug>(
        shutdown: CancellationToken,
        supervised: impl Future<Output = Result<(), E>> + Send + 'static,
    ) -> Self {
        let supervised = tokio::spawn(async move {
            supervised.await.unwrap_or_else(|error| panic!("the service failed: {error:?}"));
        });
        Self { shutdown, supervised: Some(supervised) }
    }

    /// Ends it in good order: afterwards it does nothing more.
    ///
    /// # Panics
    /// When it failed.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        if let Some(supervised) = self.supervised.take() {
            supervised.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
