/* load.c - see load.h. */
#include "collect/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/number.h"

enum { FILE_CAP = 4096, NUMBER_BYTES = 32 };

/* Digits with or without a point: strtod() alone would take "nan" and "0x1p9", too. */
static bool parse_decimal(const char *text, size_t len, double *ret)
{
	char number[NUMBER_BYTES], *end;

	if (!len || len >= sizeof(number) || text[0] < '0' || text[0] > '9')
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	if (strspn(number, "0123456789.") != len)
		return false;
	*ret = strtod(number, &end); /* the program runs in the C locale */
	return *end == '\0';
}

bool ta_loadavg_parse(const char *text, size_t len, double *ret_load_1, uint64_t *ret_threads)
{
	const char *word, *slash;
	size_t word_len;
	double load;

	if (!ta_next_word(&text, &len, &word, &word_len) || !parse_decimal(word, word_len, &load))
		return false;
	for (int i = 0; i < 3; i++)
		if (!ta_next_word(&text, &len, &word, &word_len))
			return false;
	slash = memchr(word, '/', word_len);
	if (!slash ||
	    !ta_parse_u64(slash + 1, word_len - (size_t)(slash + 1 - word), 10, ret_threads))
		return false;
	*ret_load_1 = load;
	return true;
}

static void build_load(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "loadavg", &buf);
	uint64_t threads;
	double load_1;

	if (!failed && ta_loadavg_parse(ta_buf_cstr(&buf), buf.len, &load_1, &threads)) {
		ta_build_uint(builder, host, "threads", threads);
		ta_build_real(builder, host, "load_1", load_1);
		return;
	}
	ta_build_gap(builder, N_("load and tasks of the host"),
		     failed ? strerror(failed) : N_("it is not in the form that the kernel prints"),
		     "host.threads", "host.load_1", NULL);
}

/* ---- pressure stall information, 4.20 and later ---- */

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
bool ta_pressure_parse(const char *text, size_t len, const char *kind, double *ret_pct)
{
	static const char label[] = "avg10=";
	const size_t label_len = sizeof(label) - 1;
	const char *line, *word;
	size_t line_len, word_len;

	while (ta_next_line(&text, &len, &line, &line_len)) {
		if (!ta_next_word(&line, &line_len, &word, &word_len) || word_len != strlen(kind) ||
		    memcmp(word, kind, word_len) != 0)
			continue;
		return ta_next_word(&line, &line_len, &word, &word_len) && word_len > label_len &&
		       memcmp(word, label, label_len) == 0 &&
		       parse_decimal(word + label_len, word_len - label_len, ret_pct);
	}
	return false;
}

/* Without CONFIG_PSI there are no such files; with psi=0 they are there and refuse to be read. A
 * record or a /proc that shows processes only lacks more than them. */
static const char *pressure_reason(const struct ta_root *root, int failed)
{
	bool complete = root->live && ta_root_exists(root, "proc/loadavg");

	if ((failed == ENOENT && complete) || failed == EOPNOTSUPP)
		return N_("this kernel does not measure it: before 4.20, or pressure stall "
			  "information (PSI) is switched off");
	return failed == EINVAL ? "it is not in the form that the kernel prints" : strerror(failed);
}

static void build_pressure(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	static const struct {
		const char *path, *kind, *name;
	} fields[] = {
		{ "pressure/cpu", "some", "cpu_some_pct" },
		{ "pressure/memory", "some", "memory_some_pct" },
		{ "pressure/memory", "full", "memory_full_pct" },
		{ "pressure/io", "some", "io_some_pct" },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	json_t *object = ta_build_object(builder, host, "pressure");
	int failed = 0, first_failure = 0;

	for (size_t i = 0; i < TA_ARRAY_SIZE(fields); i++) {
		double pct;

		if (i == 0 || strcmp(fields[i].path, fields[i - 1].path) != 0)
			failed = ta_root_read(root, fields[i].path, &buf);
		if (!failed &&
		    ta_pressure_parse(ta_buf_cstr(&buf), buf.len, fields[i].kind, &pct)) {
			ta_build_real(builder, object, fields[i].name, pct);
			continue;
		}
		if (!first_failure)
			first_failure = failed ? failed : EINVAL;
	}
	if (object && !json_object_size(object))
		json_object_del(host, "pressure");
	if (first_failure)
		ta_build_gap(builder, N_("pressure on processors, memory and I/O"),
			     pressure_reason(root, first_failure), "host.pressure", NULL);
}

void ta_load_build(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	build_load(root, builder, host);
	build_pressure(root, builder, host);
}
