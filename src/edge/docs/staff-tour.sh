API={{base}}/private/v1
TOKEN=$(curl -sS {{base}}/oauth/token -u '{{client}}:{{secret}}' -d grant_type=client_credentials |
  grep -oE 'fwt_[A-Za-z0-9_.-]+')
STAFF="Authorization: Bearer $TOKEN"

# The flights of a day from London to New York, the seats of the first by booking class, and why one of them is for sale.
FLIGHT=$(curl -sS "$API/flights?carrier=BA&origin=LHR&destination=JFK&date=2027-03-15" -H "$STAFF" | grep -oE 'flt_[A-Z0-9-]+' | head -n 1)
curl -sS "$API/flights/$FLIGHT/inventory" -H "$STAFF"
curl -sS "$API/flights/$FLIGHT/inventory/explain?booking_class=Y&seats=2" -H "$STAFF"
