/* http.c - see http.h.
 *
 * Errors are told in our own words: libcurl's may quote the URL. Only its texts about TLS are
 * passed on, which name nothing but the host, the certificate and the CA file. */
#include "deliver/http.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "deliver/libcurl.h"

struct exchange {
	const struct ta_libcurl *lib;
	const struct ta_http_request *request;
	struct ta_http_answer *answer;
	CURLU *url;
	CURL *curl;
	struct curl_slist *headers;
	char curl_text[CURL_ERROR_SIZE];
};

static void exchange_done(struct exchange *exchange)
{
	if (!exchange->lib)
		return;
	exchange->lib->curl_easy_cleanup(exchange->curl);
	exchange->lib->curl_slist_free_all(exchange->headers);
	exchange->lib->curl_url_cleanup(exchange->url);
}

/* --- the URL --- */

enum { PART_SIZE = 256 };

/* Copies a part of the URL to buf, cut to PART_SIZE; false when it is not there or empty. */
static bool get_part(const struct exchange *exchange, CURLUPart part, char *buf)
{
	char *text = NULL;

	if (exchange->lib->curl_url_get(exchange->url, part, &text, 0) != CURLUE_OK || !text)
		return false;
	snprintf(buf, PART_SIZE, "%s", text);
	exchange->lib->curl_free(text);
	return *buf != '\0';
}

static bool has_user(const struct exchange *exchange)
{
	char unused[PART_SIZE];

	return get_part(exchange, CURLUPART_USER, unused) ||
	       get_part(exchange, CURLUPART_PASSWORD, unused);
}

/* The scheme is checked before anything else is said, and only what follows from http(s) is. */
static bool check_scheme(const struct exchange *exchange, struct ta_error *err)
{
	char scheme[PART_SIZE];

	if (!get_part(exchange, CURLUPART_SCHEME, scheme))
		return ta_fail(err, TA_E_USAGE, "the webhook URL has no scheme");
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		return ta_fail(err, TA_E_USAGE,
			       "the webhook URL has a scheme other than http and https");
	return true;
}

static bool remember_origin(const struct exchange *exchange, struct ta_error *err)
{
	struct ta_http_answer *answer = exchange->answer;
	char scheme[PART_SIZE], host[PART_SIZE];

	if (!get_part(exchange, CURLUPART_SCHEME, scheme) ||
	    !get_part(exchange, CURLUPART_HOST, host))
		return ta_fail(err, TA_E_USAGE, "the webhook URL has no host");
	snprintf(answer->origin, sizeof(answer->origin), "%.8s://%s", scheme, host);
	return true;
}

/* libcurl takes one to three slashes, and what was meant as a path for the host. */
static bool has_authority(const char *url)
{
	const char *slashes = strstr(url, "://");

	return slashes && slashes[3] != '/';
}

static bool parse_url(struct exchange *exchange, struct ta_error *err)
{
	CURLUcode code;

	exchange->url = exchange->lib->curl_url();
	if (!exchange->url)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	code = exchange->lib->curl_url_set(exchange->url, CURLUPART_URL, exchange->request->url,
					   CURLU_NON_SUPPORT_SCHEME);
	if (code == CURLUE_OUT_OF_MEMORY)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (code != CURLUE_OK)
		return ta_fail(err, TA_E_USAGE, "the webhook URL is malformed: %s",
			       exchange->lib->curl_url_strerror(code));
	if (!check_scheme(exchange, err))
		return false;
	if (!has_authority(exchange->request->url))
		return ta_fail(err, TA_E_USAGE, "the webhook URL is malformed: no host after ://");
	if (has_user(exchange))
		return ta_fail(
			err, TA_E_USAGE,
			"the webhook URL has a user name or password; that is not supported");
	return remember_origin(exchange, err);
}

/* --- the request --- */

/* A short count makes libcurl stop. */
static size_t keep_body(char *data, size_t size, size_t count, void *user)
{
	struct ta_buf *body = user;

	ta_buf_add(body, data, size * count);
	return body->failed ? 0 : size * count;
}

static bool add_header(struct exchange *exchange, const char *line)
{
	struct curl_slist *longer = exchange->lib->curl_slist_append(exchange->headers, line);

	if (!longer)
		return false;
	exchange->headers = longer;
	return true;
}

/* "Expect:" without a value keeps libcurl from waiting a second for "100 Continue". */
static bool make_headers(struct exchange *exchange)
{
	char content_type[128];

	snprintf(content_type, sizeof(content_type), "Content-Type: %s",
		 exchange->request->content_type);
	return add_header(exchange, content_type) && add_header(exchange, "Expect:");
}

#define SET(option, value)                                                                         \
	do {                                                                                       \
		CURLcode code_ = exchange->lib->curl_easy_setopt(exchange->curl, option, value);   \
		if (code_ != CURLE_OK)                                                             \
			return code_;                                                              \
	} while (0)

static CURLcode set_security(struct exchange *exchange)
{
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, ""); /* not what http_proxy says: a service is not a login session */
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!exchange->request->ca_file)
		return CURLE_OK;
	SET(CURLOPT_CAPATH, NULL); /* that file and nothing else */
	SET(CURLOPT_CAINFO, exchange->request->ca_file);
	return CURLE_OK;
}

static CURLcode set_limits(struct exchange *exchange)
{
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)exchange->request->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)exchange->request->timeout_ms);
	SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	SET(CURLOPT_QUICK_EXIT, 1L); /* don't wait for a resolver that outlives the time-out */
#endif
	return CURLE_OK;
}

static CURLcode set_request(struct exchange *exchange)
{
	SET(CURLOPT_CURLU, exchange->url);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->request->body_len);
	SET(CURLOPT_POSTFIELDS, exchange->request->body);
	SET(CURLOPT_HTTPHEADER, exchange->headers);
	SET(CURLOPT_USERAGENT, "tcpadvise/" TCPADVISE_VERSION);
	SET(CURLOPT_WRITEFUNCTION, keep_body);
	SET(CURLOPT_WRITEDATA, &exchange->answer->body);
	SET(CURLOPT_ERRORBUFFER, exchange->curl_text);
	return CURLE_OK;
}

#undef SET

static bool prepare(struct exchange *exchange, struct ta_error *err)
{
	CURLcode code;

	exchange->curl = exchange->lib->curl_easy_init();
	if (!exchange->curl || !make_headers(exchange))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	code = set_security(exchange);
	if (code == CURLE_OK)
		code = set_limits(exchange);
	if (code == CURLE_OK)
		code = set_request(exchange);
	if (code == CURLE_OUT_OF_MEMORY)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (code != CURLE_OK)
		return ta_fail(err, TA_E_UNSUPPORTED, "this libcurl lacks an option: %s",
			       exchange->lib->curl_easy_strerror(code));
	return true;
}

/* --- the exchange --- */

/* TLS writes to a socket that the peer has closed raise SIGPIPE. A library may not change how
 * the program handles it, so it is blocked in this thread, and taken off if it came. */
static CURLcode perform(const struct exchange *exchange)
{
	static const struct timespec now = { 0 };
	sigset_t pipe, before, pending;
	bool was_pending;
	CURLcode code;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	code = exchange->lib->curl_easy_perform(exchange->curl);
	if (!was_pending)
		while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static bool fail_connect(const struct exchange *exchange, struct ta_error *err)
{
	long os_errno = 0;

	exchange->lib->curl_easy_getinfo(exchange->curl, CURLINFO_OS_ERRNO, &os_errno);
	if (os_errno == 0)
		return ta_fail(err, TA_E_NETWORK, "could not connect");
	return ta_fail(err, TA_E_NETWORK, "could not connect: %s", strerror((int)os_errno));
}

/* Says which of the two time-outs it was. */
static bool fail_timeout(const struct exchange *exchange, struct ta_error *err)
{
	const struct ta_http_request *request = exchange->request;
	curl_off_t connected_us = 0;

	exchange->lib->curl_easy_getinfo(exchange->curl, CURLINFO_PRETRANSFER_TIME_T,
					 &connected_us);
	if (connected_us > 0)
		return ta_fail(err, TA_E_NETWORK, "no complete answer within %.3g s",
			       (double)request->timeout_ms / 1000);
	return ta_fail(err, TA_E_NETWORK, "no connection within %.3g s",
		       (double)(request->connect_timeout_ms < request->timeout_ms
					? request->connect_timeout_ms
					: request->timeout_ms) /
			       1000);
}

static const struct {
	CURLcode code;
	bool tell_more; /* libcurl's text is about TLS and names no URL */
	const char *text;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, false, "the host name could not be resolved" },
	{ CURLE_PEER_FAILED_VERIFICATION, true, "the certificate is not trusted" },
	{ CURLE_SSL_CONNECT_ERROR, true, "the TLS handshake failed" },
	{ CURLE_SSL_CACERT_BADFILE, true, "the CA file could not be used" },
	{ CURLE_GOT_NOTHING, false, "the connection was closed without an answer" },
	{ CURLE_PARTIAL_FILE, false, "the connection was closed in the middle of the answer" },
	{ CURLE_RECV_ERROR, false, "the connection broke before the answer was complete" },
	{ CURLE_SEND_ERROR, false, "the connection broke before the report was sent" },
	{ CURLE_WEIRD_SERVER_REPLY, false, "the answer is not HTTP" },
	{ CURLE_UNSUPPORTED_PROTOCOL, false, "the answer is not HTTP/1 or HTTP/2" },
};

static bool fail_exchange(const struct exchange *exchange, CURLcode code, struct ta_error *err)
{
	if (code == CURLE_OUT_OF_MEMORY || exchange->answer->body.failed == TA_E_NOMEM)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (exchange->answer->body.failed == TA_E_LIMIT)
		return ta_fail(err, TA_E_NETWORK, "the answer is longer than %d KiB",
			       TA_HTTP_ANSWER_MAX / 1024);
	if (code == CURLE_COULDNT_CONNECT)
		return fail_connect(exchange, err);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return fail_timeout(exchange, err);
	for (size_t i = 0; i < TA_ARRAY_SIZE(failures); i++) {
		if (failures[i].code != code)
			continue;
		if (failures[i].tell_more && exchange->curl_text[0])
			return ta_fail(err, TA_E_NETWORK, "%s: %s", failures[i].text,
				       exchange->curl_text);
		return ta_fail(err, TA_E_NETWORK, "%s", failures[i].text);
	}
	return ta_fail(err, TA_E_NETWORK, "%s", exchange->lib->curl_easy_strerror(code));
}

bool ta_http_post(const struct ta_http_request *request, struct ta_http_answer *ret,
		  struct ta_error *err)
{
	ta_auto(exchange_done) struct exchange exchange = { .request = request, .answer = ret };
	CURLcode code;

	*ret = (struct ta_http_answer){ .body = TA_BUF_INIT(TA_HTTP_ANSWER_MAX) };
	exchange.lib = ta_libcurl_get(err);
	if (!exchange.lib || !parse_url(&exchange, err) || !prepare(&exchange, err))
		return false;
	code = perform(&exchange);
	if (code != CURLE_OK) {
		fail_exchange(&exchange, code, err);
		return ta_wrap(err, "%s", ret->origin);
	}
	exchange.lib->curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &ret->status);
	return true;
}

void ta_http_answer_done(struct ta_http_answer *answer)
{
	ta_buf_done(&answer->body);
}
