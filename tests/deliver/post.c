/* post.c - delivers a report document from a file: what the tests of src/deliver drive.
 * Usage: post FILE FORMAT [--payload | --ca-file FILE | --connect-timeout MS | --timeout MS]
 * The URL is read from TCPADVISE_WEBHOOK. Exit status: 0, 1 for a failed delivery, 64 for usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "tcpadvise/deliver.h"

static int complain(const struct ta_error *err)
{
	fprintf(stderr, "%s\n", err->text);
	return err->code == TA_E_USAGE ? 64 : 1;
}

static int print_payload(const json_t *report, const char *format)
{
	struct ta_error err = TA_ERROR_INIT;
	json_auto_t *payload = ta_deliver_payload(report, format, &err);

	if (!payload)
		return complain(&err);
	return json_dumpf(payload, stdout, JSON_INDENT(1)) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct ta_deliver_options options = { .url = getenv("TCPADVISE_WEBHOOK") };
	struct ta_error err = TA_ERROR_INIT;
	json_auto_t *report = NULL;

	if (argc < 3)
		return 64;
	report = json_load_file(argv[1], 0, NULL);
	options.format = argv[2];
	if (!report)
		return 64;
	if (argc == 4 && strcmp(argv[3], "--payload") == 0)
		return print_payload(report, options.format);
	for (int i = 3; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--ca-file") == 0)
			options.ca_file = argv[i + 1];
		else if (strcmp(argv[i], "--connect-timeout") == 0)
			options.connect_timeout_ms = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--timeout") == 0)
			options.timeout_ms = strtoull(argv[i + 1], NULL, 10);
	}
	if (!options.url)
		return 64;
	return ta_deliver(report, &options, &err) ? 0 : complain(&err);
}
