-- booking.v1.Cancellation, of which only the lines; absent for quotes from before they were told.
ALTER TABLE cancellations ADD COLUMN lines BLOB;
