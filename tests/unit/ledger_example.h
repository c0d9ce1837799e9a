/**
 * The worked example of the formats' reference: the log polder.example/log/demo, whose entries are
 * "polder entry 0" .. "polder entry 7", and its witnesses north and south.
 */
#ifndef POLDER_TESTS_LEDGER_EXAMPLE_H
#define POLDER_TESTS_LEDGER_EXAMPLE_H

#define DASH       "\xe2\x80\x94 "
#define ORIGIN     "polder.example/log/demo"
#define LOG_VKEY   ORIGIN "+542fdb0f+AR94B7/pEFETN8PbxjAm9Q/lxxn4JZ0KHq9x/zFdkpPg"
#define NORTH_VKEY "north.example/witness+1f9bc5d4+BJDXioJZtVdvIghHAKnnfoXzaQ1In1XH3jhkdfAHvLtX"
#define NORTH_LINE                                                                                 \
    DASH "north.example/witness H5vF1AAAAABpVccQCBGmWNqKKjeEBIEkbbgaO2kJonD+/"                     \
         "1LCgInCi694exbQ8n/h7vHVY+/Debjs6aN7tBQFAmlMQcDTkabL0bkNAw==\n"
#define SOUTH_LINE                                                                                 \
    DASH "south.example/witness WEZfigAAAABpVccSiTxuThKuZKZkiikDIapvUsU1RjbkMZ/"                   \
         "hcOWmhlS5D2bgSlP4LqWP9Kjp+nD4x2l4YazlpmZYfhtxhb9BC2eOBQ==\n"

#define TEXT_0 ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
#define LINE_0                                                                                     \
    DASH ORIGIN " VC/bD6bhyC3woSGmT9J2+ZLNoKhNE2/Zn8PRZi0/"                                        \
                "9AAsy9fJ5C7gofHIV8LqldU5qgz+XmndWP2bAaUBDnzwK8D98gM=\n"
#define TEXT_3 ORIGIN "\n3\n3+SfHh+SMehMATLmbCoiWdcZ4C9PM4W/3xuNxeFEajE=\n"
#define LINE_3                                                                                     \
    DASH ORIGIN " VC/bDwz0wnTJ2+KoEGE+WoCDlITS1YfMB4ai2064xoxsohL81d5z5an4SpCN7Fung/"              \
                "S155MD0nl8+SEIf7sz0ntBvQQ=\n"
#define TEXT_7 ORIGIN "\n7\nlUAUdFkkfnhC3bmllwFarXZJGoxyBgEnJZRz06KhwXE=\n"
#define LINE_7                                                                                     \
    DASH ORIGIN " VC/"                                                                             \
                "bD7Bo7BiwErvrQCulngPw8LbnrWpwYBXH1h3cvT8zj8H9cd0qLHPdgWI3OV+"                     \
                "lVRIrINiIYe7JMDVoELIVK3u6JAM=\n"

#define HASH_A "xsgmwIj7KewV04qFV2VRsen06XJIxYa58DdDuw1M+y0=\n"
#define PROOF_HASHES                                                                               \
    HASH_A "4SOihdWCtFdphspkoNnIULTZ5CrIYiUxOWe8FOkv3Ss=\n"                                        \
           "IJQKREC0D5TbOiZ+q6/LyLziAiLPKO6Y/dVlzrg1H9I=\n"
#define PROOF_HEAD "c2sp.org/tlog-proof@v1\n"
#define PROOF_FILE PROOF_HEAD "index 2\n" PROOF_HASHES "\n" TEXT_7 "\n" LINE_7 NORTH_LINE SOUTH_LINE

#define SOUTH_VKEY     "south.example/witness+58465f8a+BHI8wi0TK9beW33obQOTIyvMNl6BLO1MzdGQVt2dR2Lz"
#define FIRST_REQUEST  "old 0\n\n" TEXT_3 "\n" LINE_3
#define GROWTH_3_TO_7  "SbDqlg22ri5ohZmyKN2o3sUn94F51HmnsKpNpsYbvZE=\n" PROOF_HASHES
#define SECOND_REQUEST "old 3\n" GROWTH_3_TO_7 "\n" TEXT_7 "\n" LINE_7
#define FIRST_ANSWER                                                                               \
    DASH "north.example/witness H5vF1AAAAABpVbkANshFp5iY9LHBd1oNMYJJqYOK6CfIQFUyX/"                \
         "0wcXKMccAMNPlzvD82RzwMCH+iyuLdGm9JV5B6dNoXTyff9KpiDQ==\n"
#define POLICY                                                                                     \
    "log " LOG_VKEY "\nwitness north " NORTH_VKEY " https://north.example/\n"                      \
    "witness south " SOUTH_VKEY " https://south.example/\ngroup regions all north south\n"         \
    "quorum regions\n"

#endif
