/* exposition.c - see exposition.h. */
#include "report/exposition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/macros.h"
#include "base/text.h"

enum {
	VALUE_MAX = 128,    /* bytes of a label's value, before it is escaped */
	LABELS_MAX = 16384, /* bytes of all labels of a sample */
};

#define PREFIX "tcpadvise_"

struct ta_sample {
	char *labels;
	double value;
	size_t order; /* in which it came */
};

void ta_exposition_init(struct ta_exposition *exposition, struct ta_buf *out)
{
	*exposition = (struct ta_exposition){ .out = out, .labels = TA_BUF_INIT(LABELS_MAX) };
}

static void drop_samples(struct ta_exposition *exposition)
{
	for (size_t i = 0; i < exposition->count; i++)
		free(exposition->samples[i].labels);
	exposition->count = 0;
}

void ta_exposition_done(struct ta_exposition *exposition)
{
	drop_samples(exposition);
	free(exposition->samples);
	ta_buf_done(&exposition->labels);
}

void ta_exposition_begin(struct ta_exposition *exposition, const char *name, const char *help)
{
	exposition->name = name;
	exposition->help = help;
}

/* ---- samples ------------------------------------------------------------------------- */

static void add_escaped(struct ta_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' || text[i] == '"')
			ta_buf_char(out, '\\');
		ta_buf_char(out, text[i]);
	}
}

void ta_exposition_label(struct ta_exposition *exposition, const char *name, const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(1 << 20);
	struct ta_buf *labels = &exposition->labels;
	size_t cut;

	if (!value || !*value)
		return;
	ta_text_terminal(&safe, value, strlen(value)); /* no line break is left */
	cut = ta_utf8_cut(ta_buf_cstr(&safe), safe.len, VALUE_MAX);
	ta_buf_printf(labels, "%s%s=\"", labels->len ? "," : "", name);
	add_escaped(labels, ta_buf_cstr(&safe), cut);
	ta_buf_str(labels, cut < safe.len ? "...\"" : "\"");
}

void ta_exposition_sample(struct ta_exposition *exposition, double value)
{
	struct ta_sample sample = { .value = value, .order = exposition->count };
	struct ta_error unused = TA_ERROR_INIT;

	ta_buf_str(&exposition->labels, ""); /* an empty string, not none */
	if (!ta_array_room(&exposition->samples, exposition->count, &exposition->room,
			   sizeof(sample)) ||
	    !ta_buf_finish(&exposition->labels, &sample.labels, &unused)) {
		exposition->failed = true;
		ta_buf_clear(&exposition->labels);
		return;
	}
	exposition->samples[exposition->count++] = sample;
}

static int compare(const void *left, const void *right)
{
	const struct ta_sample *a = left, *b = right;
	int order = strcmp(a->labels, b->labels);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* The shortest of the forms that say which double it is. */
static void add_value(struct ta_buf *out, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	ta_buf_str(out, text);
}

static void add_sample(struct ta_exposition *exposition, const struct ta_sample *sample)
{
	ta_buf_printf(exposition->out, PREFIX "%s", exposition->name);
	if (*sample->labels)
		ta_buf_printf(exposition->out, "{%s}", sample->labels);
	ta_buf_char(exposition->out, ' ');
	add_value(exposition->out, sample->value);
	ta_buf_char(exposition->out, '\n');
}

void ta_exposition_end(struct ta_exposition *exposition)
{
	const struct ta_sample *samples = exposition->samples;

	if (!exposition->count)
		return;
	qsort(exposition->samples, exposition->count, sizeof(*samples), compare);
	ta_buf_printf(exposition->out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n",
		      exposition->name, exposition->help, exposition->name);
	for (size_t i = 0; i < exposition->count; i++)
		if (i == 0 || strcmp(samples[i - 1].labels, samples[i].labels) != 0)
			add_sample(exposition, &samples[i]);
	drop_samples(exposition);
}
