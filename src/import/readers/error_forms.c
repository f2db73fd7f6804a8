/* error_forms.c - see error_forms.h. */
#include "import/readers/error_forms.h"

#include "base/macros.h"
#include "import/line.h"
#include "import/readers/scan.h"
#include "snapshot/tunables.h"

/* What a form has in place of literal bytes: */
#define ANY    "\1" /* anything, perhaps nothing, up to the literal behind it */
#define NUMBER "\2"
#define PLACE  "\3" /* an address, a host with a port */
#define KEY    "\4" /* of a sysctl */
#define ERRNO  "\5" /* the number of the error, where no symbol is given */
#define NAME   "\6" /* of a host */
#define PORT   "\7" /* of the place that stands before it */

static const struct form {
	const char *text;
	const char *symbol; /* NULL: as ERRNO tells */
	enum ta_call call;
	const char *program; /* the one that has this form; NULL: any */
} forms[] = {
	/* HAProxy, src/proto_tcp.c and src/listener.c */
	{ "Connect() failed for backend " ANY ": no free ports.", "EADDRNOTAVAIL", TA_CALL_CONNECT,
	  "haproxy" },
	{ "Connect() failed for backend " ANY ": local address already in use.", "EADDRINUSE",
	  TA_CALL_CONNECT, "haproxy" },
	{ "Proxy " ANY " reached process FD limit " ANY, "EMFILE", TA_CALL_NONE, "haproxy" },
	{ "Proxy " ANY " reached system FD limit " ANY, "ENFILE", TA_CALL_NONE, "haproxy" },
	/* Fluent Bit */
	{ "[upstream] connection #" NUMBER " to " PLACE " timed out after " NUMBER " seconds",
	  "ETIMEDOUT", TA_CALL_CONNECT, "fluent-bit" },
	{ "connection #" NUMBER " to " PLACE " timed out after " NUMBER " seconds", "ETIMEDOUT",
	  TA_CALL_CONNECT, NULL },
	/* Envoy */
	{ "delayed connect error: " ERRNO, NULL, TA_CALL_CONNECT, "envoy" },
	/* MySQL and MariaDB clients */
	{ "Can't connect to MySQL server on '" PLACE "' (" ERRNO ")", NULL, TA_CALL_CONNECT, NULL },
	{ "Can't connect to MySQL server on '" NAME "' (" ERRNO ")", NULL, TA_CALL_CONNECT, NULL },
	{ "Can't connect to MySQL server on '" PLACE "' (" ERRNO " " ANY, NULL, TA_CALL_CONNECT,
	  NULL },
	{ "Can't connect to MySQL server on '" NAME "' (" ERRNO " " ANY, NULL, TA_CALL_CONNECT,
	  NULL },
	{ "Can't create thread to handle new connection(errno= " ERRNO ")", NULL, TA_CALL_FORK,
	  NULL },
	/* curl */
	{ "curl: (28) Connection timed out after " ANY, "ETIMEDOUT", TA_CALL_CONNECT, "curl" },
	{ "curl: (28) Connection timeout after " ANY, "ETIMEDOUT", TA_CALL_CONNECT, "curl" },
	{ "curl: (28) Failed to connect to " NAME " port " PORT ANY, "ETIMEDOUT", TA_CALL_CONNECT,
	  "curl" },
	{ "curl: (28) Failed to connect to " PLACE " port " PORT ANY, "ETIMEDOUT", TA_CALL_CONNECT,
	  "curl" },
	{ "curl: (28) SSL connection timeout", "ETIMEDOUT", TA_CALL_HANDSHAKE, "curl" },
	{ "curl: (28) Resolving timed out after " ANY, "EAI_AGAIN", TA_CALL_RESOLVE, "curl" },
	/* Go */
	{ "TLS handshake timeout", "ETIMEDOUT", TA_CALL_HANDSHAKE, NULL },
	{ "TLS handshake timed out", "ETIMEDOUT", TA_CALL_HANDSHAKE, NULL },
	{ "lookup " NAME " on " PLACE ": server misbehaving", "EAI_AGAIN", TA_CALL_RESOLVE, NULL },
	{ "lookup " NAME " on " PLACE ": read udp " ANY ": i/o timeout", "EAI_AGAIN",
	  TA_CALL_RESOLVE, NULL },
	/* "runtime: " of Go */
	{ "failed to create new OS thread (have " NUMBER " already; errno=" ERRNO ")", NULL,
	  TA_CALL_FORK, NULL },
	/* Java */
	{ "connect timed out", "ETIMEDOUT", TA_CALL_CONNECT, NULL },
	{ "connect timeout", "ETIMEDOUT", TA_CALL_CONNECT, NULL },
	{ "Connect timed out", "ETIMEDOUT", TA_CALL_CONNECT, NULL },
	{ "HTTP connect timed out", "ETIMEDOUT", TA_CALL_CONNECT, NULL },
	{ "Read timed out", "ETIMEDOUT", TA_CALL_READ, NULL },
	{ "unable to create new native thread" ANY, "EAGAIN", TA_CALL_FORK, NULL },
	{ "unable to create native thread" ANY, "EAGAIN", TA_CALL_FORK, NULL },
	{ "java.io.FileNotFoundException: " ANY " (Too many open files)", "EMFILE", TA_CALL_OPEN,
	  NULL },
	{ "java.io.FileNotFoundException: " ANY " (Too many open files in system)", "ENFILE",
	  TA_CALL_OPEN, NULL },
	/* ld.so, for which libc has no words yet */
	{ "cannot open shared object file: Error " ERRNO, NULL, TA_CALL_OPEN, NULL },
	/* Node */
	{ "spawn " ANY " EAGAIN", "EAGAIN", TA_CALL_FORK, NULL },
	{ "ENOSPC: System limit for number of file watchers reached" ANY, "ENOSPC", TA_CALL_OTHER,
	  NULL },
	/* tail of coreutils, which tells no errno here */
	{ "tail: inotify resources exhausted", "ENOSPC", TA_CALL_OTHER, "tail" },
	/* urllib3 */
	{ ANY "'Connection to " NAME " timed out. (connect timeout=" ANY, "ETIMEDOUT",
	  TA_CALL_CONNECT, NULL },
	{ "Read timed out. (read timeout=" ANY, "ETIMEDOUT", TA_CALL_READ, NULL },
	/* Python: CPython tells no errno here, and pthread_create() fails with no other */
	{ "can't start new thread", "EAGAIN", TA_CALL_FORK, NULL },
	/* Several; pthread_create() knows EAGAIN, EINVAL and EPERM, and only one of them of load */
	{ "pthread_create failed", "EAGAIN", TA_CALL_FORK, NULL },
	{ "pthread_create() failed", "EAGAIN", TA_CALL_FORK, NULL },
	{ ANY " with pthread_create failed (EAGAIN) for attributes: " ANY, "EAGAIN", TA_CALL_FORK,
	  NULL },
	/* apt */
	{ "Temporary failure resolving '" NAME "'" ANY, "EAI_AGAIN", TA_CALL_RESOLVE, NULL },
	/* sysctl of procps before 4, of procps-ng 4, of busybox */
	{ "error: \"Read-only file system\" setting key \"" KEY "\"", "EROFS", TA_CALL_SYSCTL,
	  "sysctl" },
	{ "error: \"Operation not permitted\" setting key \"" KEY "\"", "EPERM", TA_CALL_SYSCTL,
	  "sysctl" },
	{ "error: permission denied on key '" KEY "'" ANY, "EACCES", TA_CALL_SYSCTL, "sysctl" },
	{ "sysctl: permission denied on key '" KEY "'" ANY, "EACCES", TA_CALL_SYSCTL, "sysctl" },
	{ "sysctl: permission denied on key \"" KEY "\"" ANY, "EACCES", TA_CALL_SYSCTL, "sysctl" },
	{ "sysctl: setting key \"" KEY "\"" ANY ": Read-only file system", "EROFS", TA_CALL_SYSCTL,
	  "sysctl" },
	{ "sysctl: setting key \"" KEY "\"" ANY ": Operation not permitted", "EPERM",
	  TA_CALL_SYSCTL, "sysctl" },
	{ "sysctl: error setting key '" KEY "': Read-only file system", "EROFS", TA_CALL_SYSCTL,
	  "sysctl" },
	{ "sysctl: error setting key '" KEY "': Permission denied", "EACCES", TA_CALL_SYSCTL,
	  "sysctl" },
};

static bool is_key(char c)
{
	return ta_text_is_word_byte(c) || ta_is_one_of(c, "./-*");
}

static bool is_host(char c)
{
	return ta_text_is_word_byte(c) || c == '.' || c == '-';
}

static bool is_place(char c)
{
	return is_host(c) || ta_is_one_of(c, ":[]%*");
}

static bool is_hole(char c)
{
	return c > 0 && c <= PORT[0];
}

static struct ta_slice take_run(struct ta_slice *text, bool (*fits)(char))
{
	size_t len = ta_slice_run(*text, 0, fits);
	struct ta_slice run = ta_slice_until(*text, len);

	*text = ta_slice_from(*text, len);
	return run;
}

static bool take_number(struct ta_slice *text, uint64_t *ret)
{
	return ta_slice_u64(take_run(text, ta_is_digit), ret) && *ret <= INT32_MAX;
}

/* "sysctl -a" complains of keys that only root may read: of no interest, and not in the
 * catalogue. */
static bool take_key(struct ta_slice *text, struct ta_place *ret)
{
	struct ta_slice key = take_run(text, is_key);
	char name[128];

	if (!key.len || key.len >= sizeof(name))
		return false;
	memcpy(name, key.data, key.len);
	name[key.len] = '\0';
	*ret = (struct ta_place){ key, 0 };
	return ta_tunable_find(name);
}

static bool take_place(struct ta_slice *text, struct ta_place *ret)
{
	size_t len = ta_slice_run(*text, 0, is_place);
	struct ta_slice word, host;
	const char *colon;
	uint64_t port;

	if (len && ta_slice_at(*text, len - 1) == ':') /* of the form */
		len--;
	word = host = ta_slice_until(*text, len);
	colon = len ? memrchr(word.data, ':', len) : NULL;
	*text = ta_slice_from(*text, len);
	if (ta_place_parse(word, ret))
		return true;
	if (!colon || !ta_slice_u64(ta_slice_from(word, (size_t)(colon + 1 - word.data)), &port) ||
	    port > UINT16_MAX)
		return false;
	host.len = (size_t)(colon - word.data);
	*ret = (struct ta_place){ word, (uint16_t)port };
	return host.len && ta_slice_run(host, 0, is_host) == host.len;
}

static bool take_name(struct ta_slice *text, struct ta_place *ret)
{
	*ret = (struct ta_place){ take_run(text, is_host), 0 };
	return ret->text.len > 0;
}

/* Moves to the literal behind ANY, at its first occurrence; to the end when there is none. */
static bool take_any(struct ta_slice *text, const char *behind)
{
	size_t len = 0;
	const char *found;

	while (behind[len] && !is_hole(behind[len]))
		len++;
	if (!len) {
		*text = ta_slice(NULL, 0);
		return true;
	}
	found = text->len ? memmem(text->data, text->len, behind, len) : NULL;
	if (found)
		*text = ta_slice_from(*text, (size_t)(found - text->data));
	return found;
}

/* The first place of a form is what the call was for. */
static bool take_hole(struct ta_slice *text, const char *at, struct ta_error_told *ret)
{
	struct ta_place further = { .port = 0 },
			*place = ret->place.text.len ? &further : &ret->place;
	uint64_t number;

	switch (*at) {
	case '\1':
		return take_any(text, at + 1);
	case '\2':
		return take_number(text, &number);
	case '\3':
		return take_place(text, place);
	case '\4':
		return take_key(text, place);
	case '\5':
		if (!take_number(text, &number))
			return false;
		ret->fault = ta_fault_of_number((int64_t)number);
		return ret->fault;
	case '\7':
		if (!take_number(text, &number) || number > UINT16_MAX)
			return false;
		ret->place.port = (uint16_t)number;
		return true;
	default:
		return take_name(text, place);
	}
}

static bool match(const struct form *form, struct ta_slice text, struct ta_error_told *ret)
{
	for (const char *at = form->text; *at; at++)
		if (is_hole(*at)) {
			if (!take_hole(&text, at, ret))
				return false;
		} else if (ta_slice_at(text, 0) != *at) {
			return false;
		} else {
			text = ta_slice_from(text, 1);
		}
	return !text.len || ta_slice_equals(text, ".");
}

static bool find_at(struct ta_slice text, struct ta_error_told *ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(forms); i++) {
		struct ta_error_told told = { .call = forms[i].call };

		if (!match(&forms[i], text, &told))
			continue;
		if (forms[i].symbol)
			told.fault = ta_fault_of_symbol(
				ta_slice(forms[i].symbol, strlen(forms[i].symbol)));
		if (forms[i].program)
			told.program = ta_slice(forms[i].program, strlen(forms[i].program));
		*ret = told;
		return true;
	}
	return false;
}

enum { STARTS_MAX = 16 }; /* clauses of a message that are looked at */

bool ta_error_form_find(struct ta_slice message, struct ta_error_told *ret)
{
	size_t colon;

	for (int tried = 0; tried < STARTS_MAX; tried++) {
		if (find_at(message, ret))
			return true;
		if (!ta_slice_find(message, ": ", &colon))
			return false;
		message = ta_slice_from(message, colon + 2);
	}
	return false;
}
