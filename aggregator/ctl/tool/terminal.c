#include "ctl/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_live(void) {
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (!term || strcmp(term, "dumb") != 0);
}

bool terminal_colour(void) {
    const char *no = getenv("NO_COLOR");
    return terminal_live() && (!no || !*no);
}

void terminal_size(unsigned *width, unsigned *height) {
    struct winsize size = {0};
    *width = TERMINAL_WIDTH;
    *height = 0;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col == 0)
        return;
    *width = size.ws_col > TERMINAL_WIDTH_LEAST ? size.ws_col : TERMINAL_WIDTH_LEAST;
    *height = size.ws_row;
}
