/* libcurl.h - libcurl, loaded when the first message is sent.
 *
 * It draws in some forty libraries: 6 ms and 10 MiB at every start, which an audit without a
 * webhook need not pay. Built against curl/curl.h, so that each call keeps its type. */
#ifndef DELIVER_LIBCURL_H
#define DELIVER_LIBCURL_H

#define CURL_DISABLE_TYPECHECK /* its macros know only the functions themselves */
#include <curl/curl.h>

#include "tcpadvise/error.h"

#define TA_LIBCURL_FUNCTIONS(X)                                                                    \
	X(curl_easy_cleanup)                                                                       \
	X(curl_easy_getinfo)                                                                       \
	X(curl_easy_init)                                                                          \
	X(curl_easy_perform)                                                                       \
	X(curl_easy_setopt)                                                                        \
	X(curl_easy_strerror)                                                                      \
	X(curl_free)                                                                               \
	X(curl_slist_append)                                                                       \
	X(curl_slist_free_all)                                                                     \
	X(curl_url)                                                                                \
	X(curl_url_cleanup)                                                                        \
	X(curl_url_get)                                                                            \
	X(curl_url_set)                                                                            \
	X(curl_url_strerror)

struct ta_libcurl {
#define TA_LIBCURL_MEMBER(name) __typeof__(&name) name;
	TA_LIBCURL_FUNCTIONS(TA_LIBCURL_MEMBER)
#undef TA_LIBCURL_MEMBER
};

/* The library, loaded once and kept to the end; NULL with TA_E_UNSUPPORTED when there is none or it
 * is older than 7.85 (which has all that http.c asks for). */
const struct ta_libcurl *ta_libcurl_get(struct ta_error *err);

#endif
