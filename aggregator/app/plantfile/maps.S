/* The shipped state maps as they stand in config/maps. */
    .section .rodata
    .macro map name, file
    .global plantfile_map_\name
    .global plantfile_map_\name\()_end
plantfile_map_\name:
    .incbin "\file"
plantfile_map_\name\()_end:
    .byte 0
    .endm
    map packml, "config/maps/packml.yaml"
    map mtconnect, "config/maps/mtconnect.yaml"
    map semi_e10, "config/maps/semi-e10.yaml"
    map run_stop, "config/maps/run-stop.yaml"
    .section .note.GNU-stack,"",%progbits
