/* diag.c - see diag.h. */
#include "expr/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ta_format(char *buf, size_t size, const char *fmt, va_list args)
{
	int need = vsnprintf(buf, size, fmt, args);
	size_t end = size - 4;

	if (need < 0 || (size_t)need < size)
		return;
	while (end > 0 && ((unsigned char)buf[end] & 0xc0) == 0x80)
		end--;
	memcpy(buf + end, "...", 4);
}

struct ta_diag *ta_diag_add(struct ta_diags *diags, struct ta_span span, const char *fmt, ...)
{
	struct ta_diag *items, *diag;
	va_list args;

	if (diags->count >= TA_DIAG_MAX)
		return NULL;
	items = realloc(diags->items, (diags->count + 1) * sizeof(*items));
	if (!items)
		return NULL;
	diags->items = items;
	diag = &items[diags->count++];
	diag->offset = span.offset;
	diag->length = span.length ? span.length : 1;
	diag->hint[0] = '\0';
	va_start(args, fmt);
	ta_format(diag->text, sizeof(diag->text), fmt, args);
	va_end(args);
	return diag;
}

void ta_diag_hint(struct ta_diag *diag, const char *fmt, ...)
{
	va_list args;

	if (!diag)
		return;
	va_start(args, fmt);
	ta_format(diag->hint, sizeof(diag->hint), fmt, args);
	va_end(args);
}

/* Insertion sort: there are at most TA_DIAG_MAX, nearly in order, and it must be stable. */
void ta_diags_sort(struct ta_diags *diags)
{
	for (size_t i = 1; i < diags->count; i++) {
		struct ta_diag diag = diags->items[i];
		size_t at = i;

		for (; at > 0 && diags->items[at - 1].offset > diag.offset; at--)
			diags->items[at] = diags->items[at - 1];
		diags->items[at] = diag;
	}
}

void ta_diags_done(struct ta_diags *diags)
{
	free(diags->items);
	*diags = (struct ta_diags){ 0 };
}
