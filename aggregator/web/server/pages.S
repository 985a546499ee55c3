/* The page's files as bytes, as they stand and gzipped: page_<name>, page_<name>_end and with _gz. */
    .macro page name, file
    .global page_\name
    .global page_\name\()_end
    .global page_\name\()_gz
    .global page_\name\()_gz_end
    .balign 16
page_\name:
    .incbin "aggregator/web/page/\file"
page_\name\()_end:
    .byte 0
    .balign 16
page_\name\()_gz:
    .incbin "page/\file\().gz"
page_\name\()_gz_end:
    .byte 0
    .endm

    .section .rodata
    page index_html, "index.html"
    page style_css, "style.css"
    page app_js, "app.js"
    page view_js, "view.js"
    page dom_js, "dom.js"
    page format_js, "format.js"
    page glossary_js, "glossary.js"
    page login_js, "login.js"
    page icon_svg, "icon.svg"
    .section .note.GNU-stack,"",%progbits
