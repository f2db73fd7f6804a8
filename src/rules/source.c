/* source.c - see source.h. */
#include "rules/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locate.h"
#include "base/text.h"

enum { WINDOW = 96 }; /* bytes of a source line that are shown */

/* The part of the line around the mistake: long lines are cut, with "..." on that side. */
struct window {
	size_t start, end; /* in the text */
	bool cut_left;
	bool cut_right;
};

static struct window window_around(const char *text, size_t len, size_t begin)
{
	struct window w = { begin, begin, false, false };

	while (w.start > 0 && text[w.start - 1] != '\n')
		w.start--;
	while (w.end < len && text[w.end] != '\n')
		w.end++;
	if (begin - w.start > WINDOW / 2) {
		w.start = begin - WINDOW / 2;
		w.cut_left = true;
	}
	if (w.end - w.start > WINDOW) {
		w.end = w.start + WINDOW;
		w.cut_right = true;
	}
	return w;
}

static void show_line(struct ta_buf *out, const struct ta_source *source, size_t begin, size_t end,
		      int line, const char *hint)
{
	struct window w = window_around(source->text, source->len, begin);
	struct ta_buf before = TA_BUF_INIT(4096);

	ta_buf_printf(out, "%6d | %s", line, w.cut_left ? "..." : "");
	for (size_t i = w.start; i < w.end; i++)
		if (source->text[i] == '\t')
			ta_buf_char(out, ' ');
		else
			ta_text_terminal(out, source->text + i, 1);
	ta_buf_printf(out, "%s\n       | %s", w.cut_right ? "..." : "", w.cut_left ? "   " : "");
	for (size_t i = w.start; i < begin; i++) {
		ta_buf_clear(&before);
		ta_text_terminal(&before, source->text + i, 1);
		ta_buf_fill(out, ' ', source->text[i] == '\t' ? 1 : before.len);
	}
	ta_buf_done(&before);
	ta_buf_char(out, '^');
	if (end > w.end)
		end = w.end;
	if (end > begin + 1)
		ta_buf_fill(out, '~', end - begin - 1);
	ta_buf_printf(out, "%s%s\n", *hint ? "  " : "", hint);
}

/* What several rules share is looked at for each of them, and its mistake told once. */
static void add_mistake(struct ta_mistakes *mistakes, const struct ta_source *source, size_t begin,
			size_t end, const char *text, const char *hint)
{
	ta_auto(ta_buf_done) struct ta_buf head = TA_BUF_INIT(64 * 1024);
	int line, column;

	ta_text_line(source->text, begin, &line, &column);
	ta_text_terminal(&head, source->name, strlen(source->name));
	ta_buf_printf(&head, ":%d:%d: error: ", line, column);
	ta_text_terminal(&head, text, strlen(text));
	ta_buf_char(&head, '\n');
	if (strstr(ta_buf_cstr(&mistakes->text), ta_buf_cstr(&head)))
		return;
	mistakes->count++;
	ta_buf_add(&mistakes->text, head.data, head.len);
	show_line(&mistakes->text, source, begin, end, line, hint);
}

void ta_mistake(struct ta_mistakes *mistakes, const struct ta_source *source,
		const struct ta_place *place, const char *text, const char *hint)
{
	struct ta_location at = { 0 };
	size_t begin, end;

	if (json_object_get(source->misshapen, place->pointer))
		return;
	if (mistakes->count >= TA_MISTAKES_TOLD) {
		mistakes->count++;
		return;
	}
	if (!ta_json_locate(source->text, source->len, place->pointer, &at))
		at = (struct ta_location){ 0 };
	begin = place->on_key && at.key_len ? at.key : at.value;
	end = place->on_key && at.key_len ? at.key + at.key_len : at.value + at.value_len;
	if (place->in_string) {
		size_t value = at.value;

		begin = ta_json_string_place(source->text, source->len, value, place->offset);
		end = ta_json_string_place(source->text, source->len, value,
					   place->offset + place->length);
	} else if (memchr(source->text + begin, '\n', end - begin)) {
		end = begin + 1; /* a whole object is not underlined */
	}
	add_mistake(mistakes, source, begin, end, text, hint);
}

bool ta_source_is_builtin(const struct ta_source *source)
{
	return !source->copy;
}

struct ta_source *ta_source_free(struct ta_source *source)
{
	if (source) {
		free(source->name);
		free(source->copy);
		json_decref(source->json);
		json_decref(source->misshapen);
		free(source);
	}
	return NULL;
}

struct ta_source *ta_source_new(const char *name, const char *text, size_t len,
				struct ta_mistakes *mistakes)
{
	struct ta_source *source = calloc(1, sizeof(*source));
	json_error_t syntax;
	char message[sizeof(syntax.text) + 32];

	if (!source)
		return NULL;
	source->name = strdup(name);
	source->copy = malloc(len + 1);
	if (!source->name || !source->copy)
		return ta_source_free(source);
	memcpy(source->copy, text, len);
	source->copy[len] = '\0';
	source->text = source->copy;
	source->len = len;
	source->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
	if (!source->json) {
		size_t at = (size_t)(syntax.position < 0 ? 0 : syntax.position);

		snprintf(message, sizeof(message), "not JSON: %s", syntax.text);
		at = at < len ? at : len;
		add_mistake(mistakes, source, at ? at - 1 : 0, at, message, "");
	}
	return source;
}

struct ta_source *ta_source_builtin(const char *pack, const struct ta_resource *text)
{
	struct ta_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->name = malloc(strlen(TA_BUILTIN_PREFIX) + strlen(pack) + 1);
	source->json = json_loadb(text->data, text->size, 0, NULL);
	if (!source->name || !source->json)
		return ta_source_free(source);
	stpcpy(stpcpy(source->name, TA_BUILTIN_PREFIX), pack);
	source->text = text->data;
	source->len = text->size;
	source->is_index = strcmp(text->name, pack) != 0;
	return source;
}
