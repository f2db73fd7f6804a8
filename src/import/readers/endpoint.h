/* endpoint.h - an address and a port as the tools print them. */
#ifndef READERS_ENDPOINT_H
#define READERS_ENDPOINT_H

#include "base/slice.h"
#include "sockets/socket.h"

/* What stands between address and port; the last one counts. */
enum ta_endpoint_style {
	TA_ENDPOINT_COLON,    /* "10.0.0.5:80", "[::1]:80", "::1:80", "*:80": Linux, Windows */
	TA_ENDPOINT_DOT,      /* "10.0.0.5.80", "*.80": BSD */
	TA_ENDPOINT_TWO_DOTS, /* "10.0.0.5..80": z/OS */
};

enum ta_endpoint_kind {
	TA_ENDPOINT_NONE,  /* no endpoint */
	TA_ENDPOINT_NAMED, /* one, but of a host or a service whose number is not known */
	TA_ENDPOINT_FOUND,
};

struct ta_endpoint_text {
	struct ta_endpoint endpoint; /* port 0: "*" */
	bool v4;                     /* it is written as one of IPv4 */
	bool star;                   /* "*", of whichever family: endpoint has that of IPv6 */
	bool bare;                   /* IPv6 without brackets */
};

/* The whole text, with or without the interface ("%eth0"). */
enum ta_endpoint_kind ta_endpoint_read(struct ta_slice text, enum ta_endpoint_style style,
				       struct ta_endpoint_text *ret);

#endif
