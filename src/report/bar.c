/* bar.c - see bar.h. */
#include "report/bar.h"

enum { EIGHTHS = 8 };

/* How many of so many parts are filled. */
static size_t filled(double share, size_t parts)
{
	size_t count;

	if (!(share > 0))
		return 0;
	if (share >= 1)
		return parts;
	count = (size_t)(share * (double)parts);
	return count ? count : 1;
}

static void add_times(struct ta_buf *out, const char *character, size_t times)
{
	while (times--)
		ta_buf_str(out, character);
}

/* Block elements of Unicode, U+2588 to U+258F, and U+2591. Returns the columns that it takes. */
static size_t add_blocks(struct ta_buf *out, double share, size_t columns)
{
	static const char *const parts[EIGHTHS] = {
		"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589",
	};
	size_t eighths = filled(share, columns * EIGHTHS);

	add_times(out, "\u2588", eighths / EIGHTHS);
	ta_buf_str(out, parts[eighths % EIGHTHS]);
	return (eighths + EIGHTHS - 1) / EIGHTHS;
}

void ta_bar(struct ta_buf *out, double share, size_t columns, bool ascii)
{
	size_t inside = columns > 2 ? columns - 2 : 1;

	if (!ascii) {
		size_t done = add_blocks(out, share, columns);

		add_times(out, "\u2591", columns > done ? columns - done : 0);
		return;
	}
	ta_buf_char(out, '[');
	ta_buf_fill(out, '#', filled(share, inside));
	ta_buf_fill(out, '-', inside - filled(share, inside));
	ta_buf_char(out, ']');
}

void ta_bar_open(struct ta_buf *out, double share, size_t columns, bool ascii)
{
	if (ascii)
		ta_buf_fill(out, '#', filled(share, columns));
	else
		add_blocks(out, share, columns);
}
