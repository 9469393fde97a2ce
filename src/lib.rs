//! Fareway: a flight-booking platform whose every door is a versioned contract.
