/* render.c - renders a report document from a file: what the tests of src/report drive, and a
 * way to look at a page. Usage: render FILE FORMAT [WIDTH [color] [verbose] [FLAVOUR]
 * [MIN_SEVERITY]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "tcpadvise/report.h"

int main(int argc, char **argv)
{
	struct ta_render_options options = { .width = 0 };
	struct ta_error err = TA_ERROR_INIT;
	ta_auto_free char *text = NULL;
	json_error_t mistake;
	json_t *report;
	size_t len;
	bool ok;

	if (argc < 3)
		return 64;
	report = json_load_file(argv[1], 0, &mistake);
	if (!report) {
		fprintf(stderr, "%s:%d: %s\n", argv[1], mistake.line, mistake.text);
		return 1;
	}
	if (argc > 3)
		options.width = strtoul(argv[3], NULL, 10);
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "color") == 0)
			options.color = true;
		else if (strcmp(argv[i], "verbose") == 0)
			options.verbose = true;
		else if (ta_severity_parse(argv[i]) == TA_SEVERITY_NONE)
			options.flavour = argv[i];
		else
			options.min_severity = argv[i];
	}
	ok = ta_report_render(report, argv[2], &options, &text, &len, &err);
	json_decref(report);
	if (!ok) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return fwrite(text, 1, len, stdout) == len ? 0 : 1;
}
