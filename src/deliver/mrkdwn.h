/* mrkdwn.h - foreign text in Slack's markup.
 *
 * Slack has three characters to escape and none to escape a backtick with; a process named
 * "<!channel>" must not wake anybody. Sizes are counted the way that is the strictest: after
 * escaping, a character outside the Basic Multilingual Plane as two. */
#ifndef DELIVER_MRKDWN_H
#define DELIVER_MRKDWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends at most max units, cut between two characters with "..." as one character (U+2026)
 * at the end. Control characters and reordering ones are made visible; line breaks are blanks. */
void ta_mrkdwn_text(struct ta_buf *out, const char *foreign, size_t max);

/* The same for plain_text objects, where it is not documented whether &amp; is decoded: the
 * three characters become "?". */
void ta_mrkdwn_plain(struct ta_buf *out, const char *foreign, size_t max);

/* Units that the text takes when it is not cut. */
size_t ta_mrkdwn_size(const char *foreign);

#endif
