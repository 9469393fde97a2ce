//! The service: searches the timetable, signs what it offers, and reads it back.
//!
//! Searching and reading offers write nothing and read no database. Time, world and account come with each request.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::classes::Brand;
use super::offer::{self, Draft, LIFETIME_US};
use super::overlay::Overlay;
use super::places::Places;
use super::price::Sold;
use super::query::Query;
use super::search;
use super::state::State;
use super::store::Store;
use super::times;
use super::token::{self, Grant, Origin, Scope, SigningKeys};
use super::world::World;
use super::{Error, seeded};
use crate::kernel::chance::Chance;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

const OFFERS: usize = 20;
const OFFERS_MAX: usize = 200;
const OFFER_PREFIX: &str = "off_";
const REQUEST_PREFIX: &str = "orq_";

/// Flights.
pub struct FlightsService {
    pub(super) world: Arc<World>,
    pub(super) places: Places,
    pub(super) state: State,
    keys: SigningKeys,
    chance: Chance,
}

/// What an offer is made of.
pub(super) struct Known {
    pub request: token::Request,
    pub brand: Brand,
    pub slices: Vec<Sold>,
    pub origin: Origin,
    pub priced_us: i64,
    pub expires_us: i64,
    pub bound: bool,
    pub grant: Option<Arc<Grant>>,
    /// What its id says that it costs; `None` for what has no such id yet.
    pub told: Option<(i64, [u8; 8])>,
}

impl FlightsService {
    /// Opens the database, brings it to the newest form, and reads the counters of touched flights.
    ///
    /// # Errors
    /// The database cannot be opened or read.
    pub async fn open(
        path: &Path,
        world: Arc<World>,
        keys: SigningKeys,
        chance: Chance,
    ) -> Result<Self, Error> {
        let store = Store::open(path).await?;
        let places = Places::new(&world);
        let state = State::open(world.clone(), store).await?;
        Ok(Self {
            world,
            places,
            state,
            keys,
            chance,
        })
    }

    /// How many changes wait for the commit before theirs.
    pub fn queued(&self) -> usize {
        self.state.store.queued()
    }

    /// Waits for what was accepted, and closes the database.
    pub async fn close(&self) {
        self.state.close().await;
    }

    pub(super) fn search(
        &self,
        context: &Context,
        request: &rpc::CreateOfferRequestRequest,
    ) -> Result<rpc::OfferRequest, Error> {
        let made = token::Request {
            query: Query::read(request)?,
            created_us: context.now_us,
            nonce: self.chance.bytes(),
        };
        self.answer(context, &made, request.limit)
    }

    pub(super) fn search_again(
        &self,
        context: &Context,
        id: &str,
        limit: u32,
    ) -> Result<rpc::OfferRequest, Error> {
        let seeded = self
            .in_sandbox(context)
            .then(|| seeded::offer_request(id, context.now_us))
            .flatten();
        let read = || {
            self.keys
                .read_request(id.strip_prefix(REQUEST_PREFIX)?, scope(context))
        };
        let request = seeded.or_else(read).ok_or(Error::NotFound)?;
        if context.now_us >= request.created_us.saturating_add(LIFETIME_US) {
            return Err(Error::OfferExpired);
        }
        self.answer(context, &request, limit)
    }

    pub(super) fn offer(&self, context: &Context, id: &str) -> Result<rpc::Offer, Error> {
        let known = self.known(context, id)?;
        let offer = self.render(context, &known)?;
        // An offer whose price can no longer be made, since fares or taxes are others now, is an offer no more.
        if known.told.is_some_and(|told| told != told_of(&offer)) {
            return Err(Error::OfferExpired);
        }
        Ok(rpc::Offer {
            id: id.to_owned(),
            ..offer
        })
    }

    pub(super) fn price(&self, context: &Context, id: &str) -> Result<rpc::Offer, Error> {
        let known = self.known(context, id)?;
        let before = self.render(context, &known)?;
        let now = Known {
            // What a seeded offer costs is fixed, so that examples stay true.
            priced_us: if known.origin == Origin::Seed {
                known.priced_us
            } else {
                context.now_us
            },
            expires_us: if self.prolongs(context, &known) {
                context.now_us.saturating_add(LIFETIME_US)
            } else {
                known.expires_us
            },
            bound: true,
            ..known
        };
        let mut offer = self.render(context, &now)?;
        if now.told.unwrap_or(told_of(&before)) != told_of(&offer) {
            return Err(Error::PriceChanged);
        }
        // Seats that are held already need not be free as well.
        let seats = match now.origin {
            Origin::Hold => 0,
            Origin::Search | Origin::Seed => u32::from(now.request.query.seats()),
        };
        let mut segments = offer.slices.iter().flat_map(|slice| &slice.segments);
        if segments.any(|segment| segment.seats_left < seats) || self.cancelled(context, &now) {
            return Err(Error::SeatsUnavailable);
        }
        offer.id = self.sign(context, &now, &offer);
        Ok(offer)
    }

    /// Searches, and signs what it finds.
    fn answer(
        &self,
        context: &Context,
        request: &token::Request,
        limit: u32,
    ) -> Result<rpc::OfferRequest, Error> {
        let limit = match usize::try_from(limit) {
            Ok(0) => OFFERS,
            limit => limit.unwrap_or(OFFERS_MAX).min(OFFERS_MAX),
        };
        let shared = self.state.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let now = times::moment_of_us(context.now_us);
        let account = &context.account_id;
        let results = search::search(&self.world, &overlay, &request.query, account, now, limit);
        let id = self.request_id(context, request);
        let expires_us = request.created_us.saturating_add(LIFETIME_US);
        let mut offers = Vec::with_capacity(results.found.len());
        for found in results.found {
            let known = Known {
                request: request.clone(),
                brand: found.brand,
                slices: found.slices,
                origin: Origin::Search,
                priced_us: context.now_us,
                expires_us,
                bound: false,
                grant: found.grant,
                told: None,
            };
            let offer = self.render_with(&overlay, &known, id.clone())?;
            let offer_id = self.sign(context, &known, &offer);
            offers.push(rpc::Offer {
                id: offer_id,
                ..offer
            });
        }
        Ok(rpc::OfferRequest {
            id,
            created_at_us: request.created_us,
            expires_at_us: expires_us,
            account_codes: request.query.account_codes.clone(),
            slices: request
                .query
                .slices
                .iter()
                .map(|slice| rpc::SliceQuery {
                    origin: slice.origin().to_owned(),
                    destination: slice.destination().to_owned(),
                    departure_date: times::day_text(slice.day),
                })
                .collect(),
            passengers: offer::passengers(request),
            cabin: request.query.cabin.into(),
            max_connections: request.query.max_connections.into(),
            offers,
            warnings: results
                .warnings
                .iter()
                .map(|warning| warning.explain(&request.query))
                .collect(),
        })
    }

    /// Reads an offer's id.
    fn known(&self, context: &Context, id: &str) -> Result<Known, Error> {
        let seeded = self
            .in_sandbox(context)
            .then(|| seeded::offer(&self.world, id, context.now_us))
            .flatten();
        let mut known = match seeded {
            Some(seeded) => Known {
                origin: Origin::Seed,
                brand: seeded.brand,
                slices: seeded.slices,
                priced_us: seeded::STARTS_US,
                expires_us: context.now_us.saturating_add(LIFETIME_US),
                bound: false,
                grant: None,
                told: None,
                request: seeded.request,
            },
            None => {
                let read = |id: &str| {
                    self.keys
                        .read_offer(id.strip_prefix(OFFER_PREFIX)?, scope(context))
                };
                let offer = read(id).ok_or(Error::NotFound)?;
                Known {
                    origin: offer.origin,
                    brand: offer.brand,
                    slices: offer::resolve(&self.world, &offer.slices)
                        .ok_or(Error::OfferExpired)?,
                    priced_us: offer.priced_us,
                    expires_us: offer.expires_us,
                    bound: offer.bound,
                    grant: offer.grant,
                    told: Some((offer.total, offer.snapshot)),
                    request: offer.request,
                }
            }
        };
        {
            let shared = self.state.overlay(&context.world);
            let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
            for sold in &mut known.slices {
                sold.itinerary = sold.itinerary.with_legs(|leg| overlay.timed(leg));
            }
        }
        let departs = known
            .slices
            .first()
            .map_or(0, |sold| times::us(sold.itinerary.departs()));
        let over = context.now_us >= known.expires_us.min(departs);
        if over || !search::flyable(&self.world, &known.slices) {
            return Err(Error::OfferExpired);
        }
        Ok(known)
    }

    /// Whether pricing an offer may keep it for longer: not past the hold that it stands on, and not at a fare that is no longer
    /// granted.
    fn prolongs(&self, context: &Context, known: &Known) -> bool {
        let Some(grant) = &known.grant else {
            return known.origin != Origin::Hold;
        };
        let shared = self.state.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        overlay
            .granted(&grant.account_code, &context.account_id)
            .any(|fare| fare.grant.fare_id == grant.fare_id)
    }

    /// Whether a flight of an offer is not flown.
    pub(super) fn cancelled(&self, context: &Context, known: &Known) -> bool {
        let shared = self.state.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let mut legs = known.slices.iter().flat_map(|sold| sold.itinerary.legs());
        legs.any(|leg| overlay.record(leg.flight, leg.day).plan.cancelled)
    }

    pub(super) fn render(&self, context: &Context, known: &Known) -> Result<rpc::Offer, Error> {
        let shared = self.state.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        self.render_with(&overlay, known, self.request_id(context, &known.request))
    }

    fn render_with(
        &self,
        overlay: &Overlay,
        known: &Known,
        request_id: String,
    ) -> Result<rpc::Offer, Error> {
        let draft = Draft {
            request: &known.request,
            brand: known.brand,
            slices: &known.slices,
            priced_us: known.priced_us,
            expires_us: known.expires_us,
            bound: known.bound,
            nonce: self.token(known).nonce(),
            grant: known.grant.as_deref(),
        };
        let offer = offer::render(&self.world, overlay, &draft)?;
        Ok(rpc::Offer {
            offer_request_id: request_id,
            ..offer
        })
    }

    fn token(&self, known: &Known) -> token::Offer {
        token::Offer {
            request: known.request.clone(),
            brand: known.brand,
            slices: offer::legs(&self.world, &known.slices),
            priced_us: known.priced_us,
            expires_us: known.expires_us,
            bound: known.bound,
            origin: known.origin,
            total: 0,
            snapshot: [0; 8],
            grant: known.grant.clone(),
        }
    }

    pub(super) fn sign(&self, context: &Context, known: &Known, offer: &rpc::Offer) -> String {
        let (total, snapshot) = told_of(offer);
        let token = token::Offer {
            total,
            snapshot,
            ..self.token(known)
        };
        format!(
            "{OFFER_PREFIX}{}",
            self.keys.sign_offer(&token, scope(context))
        )
    }

    fn request_id(&self, context: &Context, request: &token::Request) -> String {
        let seeded = seeded::request_name(&request.nonce).filter(|_| self.in_sandbox(context));
        seeded.map_or_else(
            || {
                format!(
                    "{REQUEST_PREFIX}{}",
                    self.keys.sign_request(request, scope(context))
                )
            },
            str::to_owned,
        )
    }

    fn in_sandbox(&self, context: &Context) -> bool {
        context.world == seeded::WORLD
    }
}

/// Total and start of the digest of an offer.
fn told_of(offer: &rpc::Offer) -> (i64, [u8; 8]) {
    let total = offer
        .price
        .as_ref()
        .and_then(|price| price.total.as_ref())
        .map_or(0, |total| total.amount);
    let digest = std::array::from_fn(|n| offer.snapshot.get(n).copied().unwrap_or(0));
    (total, digest)
}

fn scope(context: &Context) -> Scope<'_> {
    Scope {
        world: &context.world,
        account: &context.account_id,
    }
}
