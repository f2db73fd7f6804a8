/* faults.c - see faults.h. */
#include "import/readers/faults.h"

#include "base/macros.h"
#include "import/readers/scan.h"

#define ANY     ((TA_CALL_BIT(TA_CALLS) - 1) & ~TA_CALL_BIT(TA_CALL_SYSCTL))
#define UNTOLD  TA_CALL_BIT(TA_CALL_NONE)
#define CONNECT TA_CALL_BIT(TA_CALL_CONNECT)
#define BIND    TA_CALL_BIT(TA_CALL_BIND)
#define LISTEN  TA_CALL_BIT(TA_CALL_LISTEN)
#define ACCEPT  TA_CALL_BIT(TA_CALL_ACCEPT)
#define SOCKET  TA_CALL_BIT(TA_CALL_SOCKET)
#define READ    TA_CALL_BIT(TA_CALL_READ)
#define WRITE   TA_CALL_BIT(TA_CALL_WRITE)
#define FORK    TA_CALL_BIT(TA_CALL_FORK)
#define RESOLVE TA_CALL_BIT(TA_CALL_RESOLVE)
#define SHAKE   TA_CALL_BIT(TA_CALL_HANDSHAKE)
#define RLIMIT  TA_CALL_BIT(TA_CALL_SETRLIMIT)
#define EPOLL   TA_CALL_BIT(TA_CALL_EPOLL_CTL)
#define SYSCTL  TA_CALL_BIT(TA_CALL_SYSCTL)
#define OTHER   TA_CALL_BIT(TA_CALL_OTHER)
#define TRAFFIC (CONNECT | READ | WRITE | SHAKE)
#define PLACES  (CONNECT | BIND | LISTEN)
#define MEMORY  (PLACES | ACCEPT | SOCKET | READ | WRITE)
#define FILES   (ANY & ~(FORK | RESOLVE | SHAKE | RLIMIT))

enum { EAI_NONAME_NUMBER = -2 };

/* Some of these texts stand in the lines of many programs that have no network in mind: those are
 * faults only in a call that is named. */
static const struct ta_fault faults[] = {
	{ "EADDRNOTAVAIL",
	  99,
	  { "Cannot assign requested address", "Address not available" },
	  PLACES | WRITE | UNTOLD },
	{ "EADDRINUSE", 98, { "Address already in use", "Address in use" }, PLACES | UNTOLD },
	{ "EMFILE", 24, { "Too many open files", "No file descriptors available" }, FILES },
	{ "ENFILE", 23, { "Too many open files in system" }, FILES },
	{ "ENOBUFS", 105, { "No buffer space available" }, MEMORY | UNTOLD },
	{ "ENOMEM", 12, { "Cannot allocate memory", "Out of memory" }, MEMORY | FORK },
	{ "ETIMEDOUT",
	  110,
	  { "Connection timed out", "Operation timed out", "i/o timeout" },
	  TRAFFIC | RESOLVE | UNTOLD },
	{ "ECONNREFUSED", 111, { "Connection refused" }, TRAFFIC | RESOLVE | UNTOLD },
	{ "ECONNRESET",
	  104,
	  { "Connection reset by peer", "Connection reset" },
	  TRAFFIC | ACCEPT | UNTOLD },
	{ "EPIPE", 32, { "Broken pipe" }, WRITE | READ | SHAKE | UNTOLD },
	{ "ECONNABORTED",
	  103,
	  { "Software caused connection abort", "Connection aborted" },
	  TRAFFIC | ACCEPT | UNTOLD },
	{ "EHOSTUNREACH",
	  113,
	  { "No route to host", "Host is unreachable" },
	  TRAFFIC | RESOLVE | UNTOLD },
	{ "ENETUNREACH",
	  101,
	  { "Network is unreachable", "Network unreachable" },
	  TRAFFIC | RESOLVE | UNTOLD },
	{ "EPERM", 1, { "Operation not permitted" }, WRITE | RLIMIT | SYSCTL },
	{ "EACCES", 13, { "Permission denied" }, BIND | SYSCTL },
	{ "EROFS", 30, { "Read-only file system" }, SYSCTL },
	{ "ENOSPC", 28, { "No space left on device" }, EPOLL | OTHER },
	{ "EAGAIN", 11, { "Resource temporarily unavailable" }, FORK },
	{ "EAI_AGAIN", -3, { "Temporary failure in name resolution" }, RESOLVE | UNTOLD },
	{ "EAI_NONAME",
	  EAI_NONAME_NUMBER,
	  { "Name or service not known", "Name does not resolve", "no such host" },
	  RESOLVE | UNTOLD },
	{ "EAI_FAIL", -4, { "Non-recoverable failure in name resolution" }, RESOLVE | UNTOLD },
	{ "EAI_NODATA", -5, { "No address associated with hostname" }, RESOLVE | UNTOLD },
};

const struct ta_fault *ta_fault_of_number(int64_t number)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(faults); i++)
		if (faults[i].number == number)
			return &faults[i];
	return NULL;
}

const struct ta_fault *ta_fault_of_symbol(struct ta_slice symbol)
{
	if (ta_slice_equals(symbol, "ENOTFOUND")) /* Node's, for both EAI_NONAME and EAI_NODATA */
		return ta_fault_of_number(EAI_NONAME_NUMBER);
	for (size_t i = 0; i < TA_ARRAY_SIZE(faults); i++)
		if (ta_slice_equals_fold(symbol, faults[i].symbol))
			return &faults[i];
	return NULL;
}

const struct ta_fault *ta_fault_of_text(struct ta_slice text, size_t *ret_len)
{
	const struct ta_fault *found = NULL;

	*ret_len = 0;
	for (size_t i = 0; i < TA_ARRAY_SIZE(faults); i++)
		for (size_t k = 0; k < TA_FAULT_TEXTS && faults[i].texts[k]; k++) {
			size_t len = strlen(faults[i].texts[k]);

			if (len > *ret_len && ta_slice_begins_fold(text, faults[i].texts[k])) {
				found = &faults[i];
				*ret_len = len;
			}
		}
	return found;
}
