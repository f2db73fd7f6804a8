/* json_print.c - JSON as text: what jansson would write, in one pass, with the code points escaped
 * that could move or hide text in a terminal. */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { MAX_REAL = 64, INDENT = 2 };

struct printer {
	struct ta_buf *out;
	enum ta_json_layout layout;
	size_t depth;
};

static void print_value(struct printer *printer, const json_t *json);

/* The shortest way to write a double is jansson's business. */
static void print_real(struct ta_buf *out, const json_t *real)
{
	char text[MAX_REAL];

	ta_buf_add(out, text, json_dumpb(real, text, sizeof(text), JSON_ENCODE_ANY));
}

static void print_escaped(struct ta_buf *out, char c)
{
	static const char meant[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	const char *at = c ? strchr(meant, c) : NULL;

	if (at)
		ta_buf_add(out, (char[]){ '\\', letters[at - meant] }, 2);
	else
		ta_buf_printf(out, "\\u%04X", (unsigned)c);
}

enum kind { PLAIN, ESCAPED, OTHER /* to be looked at as UTF-8 */ };

static enum kind kind_of(char c)
{
	uint8_t byte = (uint8_t)c;

	if (byte < ' ' || c == '"' || c == '\\')
		return ESCAPED;
	return byte < 0x7f ? PLAIN : OTHER;
}

static void print_string(struct ta_buf *out, const char *text, size_t len)
{
	const char *end = text + len;

	ta_buf_char(out, '"');
	while (text < end) {
		enum kind kind = kind_of(*text);
		const char *start = text++;

		while (text < end && kind_of(*text) == kind)
			text++;
		if (kind == PLAIN)
			ta_buf_add(out, start, (size_t)(text - start));
		else if (kind == OTHER)
			ta_text_json(out, start, (size_t)(text - start));
		else
			for (; start < text; start++)
				print_escaped(out, *start);
	}
	ta_buf_char(out, '"');
}

static void next_line(const struct printer *printer)
{
	if (printer->layout == TA_JSON_LINE)
		return;
	ta_buf_char(printer->out, '\n');
	ta_buf_fill(printer->out, ' ', printer->depth * INDENT);
}

static void open_with(struct printer *printer, char bracket)
{
	ta_buf_char(printer->out, bracket);
	printer->depth++;
}

static void close_with(struct printer *printer, char bracket)
{
	printer->depth--;
	next_line(printer);
	ta_buf_char(printer->out, bracket);
}

/* Behind the bracket that opens, or behind an element. */
static void begin(const struct printer *printer, bool is_first)
{
	if (!is_first)
		ta_buf_char(printer->out, ',');
	next_line(printer);
}

static void print_array(struct printer *printer, const json_t *array)
{
	size_t i;
	json_t *element;

	if (json_array_size(array) == 0) {
		ta_buf_str(printer->out, "[]");
		return;
	}
	open_with(printer, '[');
	json_array_foreach (array, i, element) {
		begin(printer, i == 0);
		print_value(printer, element);
	}
	close_with(printer, ']');
}

static void print_members(struct printer *printer, json_t *object)
{
	void *first = json_object_iter(object);

	for (void *at = first; at; at = json_object_iter_next(object, at)) {
		begin(printer, at == first);
		print_string(printer->out, json_object_iter_key(at), json_object_iter_key_len(at));
		ta_buf_str(printer->out, printer->layout == TA_JSON_LINE ? ":" : ": ");
		print_value(printer, json_object_iter_value(at));
	}
}

static void print_object(struct printer *printer, const json_t *object)
{
	if (json_object_size(object) == 0) {
		ta_buf_str(printer->out, "{}");
		return;
	}
	open_with(printer, '{');
	print_members(printer, (json_t *)(uintptr_t)object);
	close_with(printer, '}');
}

static void print_value(struct printer *printer, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		print_object(printer, json);
		break;
	case JSON_ARRAY:
		print_array(printer, json);
		break;
	case JSON_STRING:
		print_string(printer->out, json_string_value(json), json_string_length(json));
		break;
	case JSON_INTEGER:
		ta_buf_int(printer->out, json_integer_value(json));
		break;
	case JSON_REAL:
		print_real(printer->out, json);
		break;
	case JSON_TRUE:
		ta_buf_str(printer->out, "true");
		break;
	case JSON_FALSE:
		ta_buf_str(printer->out, "false");
		break;
	case JSON_NULL:
		ta_buf_str(printer->out, "null");
		break;
	}
}

bool ta_json_print(struct ta_buf *out, const json_t *json, enum ta_json_layout layout,
		   struct ta_error *err)
{
	struct printer printer = { .out = out, .layout = layout };

	print_value(&printer, json);
	ta_buf_char(out, '\n');
	return ta_buf_ok(out, err);
}
