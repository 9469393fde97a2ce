//! Electronic tickets: their numbers, one coupon a segment, and what may become of a coupon.
//!
//! Numbers are drawn by the store; here they are only written. Flown coupons are not yet anybody's business.

use crate::rpc::booking::v1::{Coupon, Ticket};
use crate::rpc::flights::v1::Offer;

/// Serial numbers have nine digits.
const SERIALS: u64 = 1_000_000_000;

/// Where a stock begins: by its first digits a document is told to be an electronic ticket.
const FIRST_SERIAL: u64 = 240_000_001;

/// The stock of airlines that have no accounting code of their own.
const NEUTRAL_STOCK: &str = "000";

/// The accounting code that starts the numbers of tickets sold by this offer.
pub fn stock(offer: &Offer) -> &str {
    let code = offer.owner_accounting_code.as_str();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { code } else { NEUTRAL_STOCK }
}

/// The number of the `nth` ticket of a stock (from 0). 13 digits: accounting code, serial number, and the serial number modulo 7
/// as the check digit.
pub fn number(stock: &str, nth: u64) -> String {
    let serial = (FIRST_SERIAL + nth) % SERIALS;
    format!("{stock}{serial:09}{}", serial % 7)
}

/// One ticket a passenger with one open coupon a segment, the first of them the `first`-th of its stock.
pub fn issue(offer: &Offer, first: u64, now_us: i64) -> Vec<Ticket> {
    let segments: Vec<&str> = offer
        .slices
        .iter()
        .flat_map(|slice| &slice.segments)
        .map(|segment| segment.id.as_str())
        .collect();
    (first..)
        .zip(&offer.passengers)
        .map(|(nth, passenger)| Ticket {
            number: number(stock(offer), nth),
            passenger_id: passenger.id.clone(),
            issued_at_us: now_us,
            status: "open".to_owned(),
            coupons: segments
                .iter()
                .map(|&segment| Coupon {
                    segment_id: segment.to_owned(),
                    status: "open".to_owned(),
                })
                .collect(),
        })
        .collect()
}

/// What a ticket is whose place others have taken; nothing becomes of it any more.
const EXCHANGED: &str = "exchanged";

/// Whether no coupon of these tickets was used, refunded or voided; others than exchanged ones.
pub fn all_open(tickets: &[Ticket]) -> bool {
    let tickets = tickets.iter().filter(|ticket| ticket.status != EXCHANGED);
    let mut coupons = tickets.flat_map(|ticket| &ticket.coupons);
    coupons.all(|coupon| coupon.status == "open")
}

/// Turns every open coupon into a refunded one; a ticket is refunded when none of its coupons is left open.
pub fn refund(tickets: &mut [Ticket]) {
    end(tickets, "refunded");
}

/// Gives the place of tickets to others.
pub fn exchange(tickets: &mut [Ticket]) {
    end(tickets, EXCHANGED);
}

/// Makes tickets void, as if they had never been issued.
pub fn void(tickets: &mut [Ticket]) {
    end(tickets, "void");
}

fn end(tickets: &mut [Ticket], status: &str) {
    for ticket in tickets.iter_mut().filter(|t| t.status != EXCHANGED) {
        for coupon in ticket
            .coupons
            .iter_mut()
            .filter(|coupon| coupon.status == "open")
        {
            coupon.status = status.to_owned();
        }
        ticket.status = status.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::tests::samples;

    #[test]
    fn number_has_13_digits_and_ends_in_the_serial_modulo_7() {
        for (stock, nth, text) in [
            ("220", 0, "2202400000013"),
            ("220", 3, "2202400000046"),
            ("001", 4, "0012400000050"),
            ("001", SERIALS, "0012400000013"),
        ] {
            assert_eq!(number(stock, nth), text);
        }
    }

    #[test]
    fn every_passenger_has_a_ticket_with_a_coupon_a_segment() {
        let offer = samples::offer();
        let mut tickets = issue(&offer, 41, 5);
        let numbers: Vec<_> = tickets
            .iter()
            .map(|ticket| ticket.number.as_str())
            .collect();
        assert_eq!(numbers, ["2202400000422", "2202400000433"]);
        assert!(
            tickets
                .iter()
                .all(|ticket| ticket.coupons.len() == 2 && ticket.status == "open")
        );
        refund(&mut tickets);
        assert!(
            tickets
                .iter()
                .flat_map(|t| &t.coupons)
                .all(|coupon| coupon.status == "refunded")
        );
    }

    #[test]
    fn airline_without_a_code_uses_the_neutral_stock() {
        let mut offer = samples::offer();
        for wrong in ["", "12", "1234", "ab1"] {
            offer.owner_accounting_code = wrong.to_owned();
            assert_eq!(stock(&offer), NEUTRAL_STOCK, "{wrong:?}");
        }
    }
}
