/* The page's files as bytes, as they stand and gzipped: page_<name>, page_<name>_end and with _gz. */
    .macro page name, file
    .global page_\name
    .global page_\name\()_end
    .global page_\name\()_gz
    .global page_\name\()_gz_end
    .balign 16
page_\name:
    .incbin "page/\file"
page_\name\()_end:
    .byte 0
    .balign 16
page_\name\()_gz:
    .incbin "page/\file\().gz"
page_\name\()_gz_end:
    .byte 0
    .endm

    .section .rodata
#define PAGE(name, file, type) page name, file
#define DOCUMENT(name, file, type) page name, file
#include "web/pages.h"
    .section .note.GNU-stack,"",%progbits
