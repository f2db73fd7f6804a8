/* verdict.h - a snapshot held against the rules as the command line asks for it, and the exit
 * status that comes of it. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include <jansson.h>

#include "cli/command.h"
#include "tcpadvise/report.h"
#include "tcpadvise/rules.h"

/* What --only and --skip ask the rules for. */
struct ta_evaluate_options ta_verdict_options(const struct ta_settings *settings);

/* The report; with --assume that of the snapshot as it would be. A new reference. */
bool ta_verdict_reach(const struct ta_settings *settings, const struct ta_rules *rules,
		      const json_t *snapshot, json_t **ret, struct ta_error *err);

/* The status that --fail-on asks for when this is the worst. */
int ta_verdict_status(const struct ta_settings *settings, enum ta_severity worst);

#endif
