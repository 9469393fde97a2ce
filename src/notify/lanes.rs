//! Lanes that wait to be gone along, endpoint by endpoint, in the order in which they came. In memory only: what waits here is due
//! in the store, and found there after a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::store::Lane;

/// Lanes of an endpoint that are gone along at the same time: a slow one must not stand in the way of others.
const AT_ONCE_MAX: usize = 4;

/// Lanes, each of them once. `T` is what whoever brought it wants to be noted with it.
pub struct Lanes<T>(Mutex<Inner<T>>);

struct Inner<T> {
    known: HashMap<Arc<Lane>, Standing>,
    endpoints: HashMap<String, Endpoint<T>>,
}

#[derive(PartialEq)]
enum Standing {
    Waiting,
    UnderWay,
    /// Somebody brought it again meanwhile.
    Again,
}

struct Endpoint<T> {
    waiting: VecDeque<(Arc<Lane>, T)>,
    walkers: usize,
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            known: HashMap::new(),
            endpoints: HashMap::new(),
        }))
    }
}

impl<T> Lanes<T> {
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a lane gone along, once more if it is under way; whether its endpoint needs one more who does that.
    #[must_use]
    pub fn bring(&self, lane: Lane, note: T) -> bool {
        let mut inner = self.lock();
        if let Some(standing) = inner.known.get_mut(&lane) {
            if *standing == Standing::UnderWay {
                *standing = Standing::Again;
            }
            return false;
        }
        let (lane, id) = (Arc::new(lane.clone()), lane.endpoint_id);
        inner.known.insert(lane.clone(), Standing::Waiting);
        let endpoint = inner.endpoints.entry(id).or_insert_with(|| Endpoint {
            waiting: VecDeque::new(),
            walkers: 0,
        });
        endpoint.waiting.push_back((lane, note));
        let wanted = endpoint.walkers < AT_ONCE_MAX;
        endpoint.walkers += usize::from(wanted);
        wanted
    }

    /// The next lane of an endpoint; `None` for who has no more to do there.
    pub fn next(&self, endpoint_id: &str) -> Option<(Arc<Lane>, T)> {
        let mut inner = self.lock();
        let endpoint = inner.endpoints.get_mut(endpoint_id)?;
        match endpoint.waiting.pop_front() {
            Some(next) => {
                inner.known.insert(next.0.clone(), Standing::UnderWay);
                Some(next)
            }
            None => {
                endpoint.walkers -= 1;
                if endpoint.walkers == 0 {
                    inner.endpoints.remove(endpoint_id);
                }
                None
            }
        }
    }

    /// Whether nobody brought the lane again since it was looked at, so that it is done.
    pub fn is_done(&self, lane: &Lane) -> bool {
        let mut inner = self.lock();
        match inner.known.get_mut(lane) {
            Some(standing) if *standing == Standing::Again => {
                *standing = Standing::UnderWay;
                false
            }
            _ => {
                inner.known.remove(lane);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(endpoint: &str, object: &str) -> Lane {
        Lane {
            world: "wld_test".to_owned(),
            endpoint_id: endpoint.to_owned(),
            object_id: object.to_owned(),
        }
    }

    #[test]
    fn an_endpoint_has_few_who_walk_and_all_its_lanes_are_gone_along_once() {
        let lanes = Lanes::default();
        let wanted = (0..9).map(|n| lanes.bring(lane("slow", &format!("ord_{n}")), n));
        let wanted: Vec<bool> = wanted.collect();
        assert_eq!(
            wanted,
            [true, true, true, true, false, false, false, false, false]
        );
        assert!(!lanes.bring(lane("slow", "ord_8"), 80), "it waits already");
        assert!(
            lanes.bring(lane("other", "ord_1"), 0),
            "nobody is in its way"
        );
        let gone = std::iter::from_fn(|| lanes.next("slow"));
        let gone: Vec<i32> = gone.map(|(_, n)| n).collect();
        assert_eq!(gone, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        // The three others leave as well, and the next to come starts anew.
        for _ in 0..3 {
            assert!(lanes.next("slow").is_none());
        }
        assert!(lanes.bring(lane("slow", "ord_9"), 9));
    }

    #[test]
    fn one_that_is_brought_while_it_is_under_way_is_gone_along_once_more() {
        let lanes = Lanes::default();
        assert!(lanes.bring(lane("one", "ord_1"), ()));
        let (first, ()) = lanes.next("one").expect("it waits");
        assert!(!lanes.bring(lane("one", "ord_1"), ()));
        assert!(!lanes.bring(lane("one", "ord_1"), ()));
        assert!(!lanes.is_done(&first));
        assert!(lanes.is_done(&first));
        assert!(
            lanes.bring(lane("one", "ord_1"), ()),
            "it is not known any more"
        );
    }
}
