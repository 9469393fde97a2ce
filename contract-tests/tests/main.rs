//! The outside view of the platform: the real server, raw HTTP, the contract as the judge.
