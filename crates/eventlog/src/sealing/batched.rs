//! Questions that are asked together: while a batch is under way, the next one gathers.
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::KeysAway;

/// Questions that may wait; one more is refused.
const MOST_WAITING: usize = 10_000;

/// Callers who need the same kind of answer. Clones share the batches.
#[derive(Debug)]
pub struct Batched<Q, A>(Arc<Shared<Q, A>>);

#[derive(Debug)]
struct Shared<Q, A> {
    /// Added to by every caller, emptied by the task whose turn it is.
    waiting: Mutex<Vec<Waiting<Q, A>>>,
    /// Held while a batch is under way.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Waiting<Q, A> {
    question: Q,
    answer: oneshot::Sender<A>,
}

impl<Q, A> Clone for Batched<Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, A> Default for Batched<Q, A> {
    fn default() -> Self {
        Self(Arc::new(Shared { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }))
    }
}

impl<Q: Send + 'static, A: Send + 'static> Batched<Q, A> {
    /// Asks a question. `answer_all` may be called with it and with those that have gathered since
    /// the last batch began, never with one of a batch that is under way; it returns the answers in
    /// the order of the questions.
    ///
    /// # Errors
    /// [`KeysAway`] if too many questions wait, or the batch ended without an answer.
    pub async fn ask<F, Answers>(&self, question: Q, answer_all: F) -> Result<A, KeysAway>
    where
        F: FnOnce(Vec<Q>) -> Answers + Send + 'static,
        Answers: Future<Output = Vec<A>> + Send,
    {
        let (answer, answered) = oneshot::channel();
        {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= MOST_WAITING {
                return Err(KeysAway::new("too many callers wait for keys"));
            }
            waiting.push(Waiting { question, answer });
        }
        let shared = Arc::clone(&self.0);
        // In a task of its own: it also asks for others, who still wait if this call is dropped.
        tokio::spawn(async move { shared.answer(answer_all).await }.in_current_span());
        answered.await.map_err(KeysAway::new)
    }
}

impl<Q, A> Shared<Q, A> {
    /// Answers all who wait once no other batch is under way.
    async fn answer<F, Answers>(&self, answer_all: F)
    where
        F: FnOnce(Vec<Q>) -> Answers,
        Answers: Future<Output = Vec<A>>,
    {
        let _turn = self.turn.lock().await;
        let waiting = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if waiting.is_empty() {
            return;
        }
        let (questions, answers): (Vec<Q>, Vec<_>) =
            waiting.into_iter().map(|one| (one.question, one.answer)).unzip();
        for (said, answer) in answer_all(questions).await.into_iter().zip(answers) {
            // Who does not wait any more needs no answer.
            let _ = answer.send(said);
        }
    }
}
