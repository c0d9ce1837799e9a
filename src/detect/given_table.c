/* Made by script/detect_tables.py from the United States census of 1990 (public domain). Don't
 * edit. */
#include "detect/detect_impl.h"

/* Given names that at least 0.02 % of one sex bore, without those that are words. */
static const char text[] =
    "aaronabigailabrahamadaadamaddieadeleadrianadrianaadrienneagnesaidaaimeealanalbertalberta"
    "albertoalejandroalexalexanderalexandraalexisalfonsoalfredalfredoalicealiciaalisaalisha"
    "alisonallanallenallisonalmaalonzoaltonalvinalyssaamandaamberameliaamosamyanaandreandrea"
    "andresandrewandyangelangelaangelicaangelinaangeloangieanitaannannaanneannetteannie"
    "anthonyantoinetteantoniaantonioarchiearlenearmandoarnoldarthurarturoashleyaudreyaurora"
    "austinbarbarabarrybeatricebeckybelindabenbenjaminbenniebennybernadettebernardbernicebert"
    "berthabessiebethbethanybetsybettiebettybeulahbeverlybilliebillyblakeblancablanchebobbie"
    "bobbybonitabonniebradbradfordbradleybrandibrandonbrandybrendabrentbrettbrianbridget"
    "brittanybrittneybrookebrucebryanbryantbyroncaitlincalebcalvincameroncamillecandace"
    "candicecandycaracarlcarlacarloscarltoncarmencarolcarolecarolinacarolinecarolyncarrie"
    "carrollcaseycassandracassiecatherinecathyceceliacecilceciliacedriccelesteceliacesarchad"
    "charlenecharlescharliecharlottechelseachericheriecherylchesterchrischristachristie"
    "christinachristinechristopherchristycindyclaireclaraclarenceclarkclaudeclaudiaclayton"
    "cleocliffordcliftonclintclintonclydecodycolincolleenconnieconradconstanceconsuelocora"
    "coreycorinnecorneliuscorycourtneycraigcristinacurtiscynthiadamondandanadanieldanielle"
    "dannydarindarladarlenedarnelldarreldarrelldarrendarryldaryldavedaviddeannadebbiedebora"
    "deborahdebradelbertdeliadelladeloresdelorisdenadenisedennisderekderrickdesireedevindewey"
    "dexterdianadianediannadiannedinadoloresdominicdondonalddonnadonniedoradoreendoris"
    "dorotheadorothydorthydougdouglasdoyleduanedustindwaynedwightearnestebonyeddieedgaredith"
    "edmundednaeduardoedwardedwineffieeileenelaineelberteleanorelenaeliaselisaelisabeth"
    "elizabethellaellenelliselmereloiseelsaelsieelvaelviraemilyemmaenriqueericericaerickerik"
    "erikaerinermaernesternestineernestoervinesperanzaessieestellaestelleestheretheletta"
    "eugeneeugeniaeulaeuniceevaevanevelyneverettfanniefayfayefeliciafelipefelixfernfernando"
    "floraflorencefloydforrestfrancesfrancinefrancisfranciscafranciscofrankfrankiefranklin"
    "fredfredafreddiefrederickfredrickgabrielgailgarrettgarrygarygaylegenevagenevievegeoffrey"
    "georgegeorgiageraldgeraldinegerardgerardogertrudegilbertgilbertoginagladysglenglenda"
    "glenngloriagoldiegordongradygreggregggregorygretchenguadalupeguillermogustavogwen"
    "gwendolynhannahharoldharrietharryharveyhattiehazelheatherhectorheidihelenhelenahelene"
    "henriettahenryherberthermanhildahomerhoracehowardhuberthughhugoianidaignacioinainez"
    "ingridiraireneirmairvinirvingisaacisabelismaelisraelivaivanjackjackiejacobjacqueline"
    "jacquelynjaimejakejamesjamiejanjanajanejanellejanetjanettejanicejaniejaninejanisjared"
    "jasminejasonjavierjeanjeanettejeannejeannettejeanniejeffjefferyjeffreyjeniferjennajennie"
    "jenniferjennyjeremiahjeremyjermainejeromejerryjessejessicajessiejesusjewelljilljillian"
    "jimjimmiejimmyjoanjoannjoannajoannejodijodyjoejoeljoeyjohannajohnjohnathanjohnniejohnny"
    "jonjonathanjonathonjordanjorgejosejosefinajosephjosephinejoshjoshuajosiejoycejuanjuana"
    "juanitajudithjudyjuliajulianjuliejuliojuliusjustinkarakarenkarikarinkarlkarlakate"
    "katherinekathleenkathrynkathykatiekatrinakaykaylakeithkelleykellikelliekellykelseykelvin"
    "kenkendrakennethkennykentkerrikerrykevinkimkimberleykimberlykirkkristakristenkristi"
    "kristiekristinkristinakristinekristopherkristykrystalkurtkylelamarlanalarrylatasha"
    "latonyalatoyalauralaurellaurenlaurencelaurielavernelawrenceleahleeleighlelalelandlena"
    "lenoraleoleonleonaleonardleroyleslielesterleticialevilewislilalillianlillielindalindsay"
    "lindseylionellisalloydloislolalonnieloralorenlorenalorenelorenzolorettalorilornalorraine"
    "lottieloulouislouiselourdeslowelllucaslucialucillelucindalucyluislukelulalupelutherluz"
    "lydialylelyndalynettelynnlynnemabelmablemackmadelinemaemaggiemalcolmmamiemandymanuelmarc"
    "marcellamarciamarcomarcosmarcusmargaretmargaritamargiemargueritemariamarianmarianne"
    "maribelmariemarilynmarinamariomarionmarissamarjoriemarlamarlenemarshamarshallmartamartha"
    "martinmartymarvinmarymaryannmathewmattmatthewmattiemaudemaureenmauricemaxmaxinemegan"
    "meghanmelaniemelbamelindamelissamelvinmercedesmeredithmerlemichaelmichealmichelemichelle"
    "miguelmikemildredmiltonmindyminniemirandamiriammitchellmolliemollymonamonicamonique"
    "morganmorrismosesmurielmyramyrnamyronmyrtlenadinenancynaominatalienatashanathannathaniel"
    "nealneilnellnellienelsonnettienicholasnicholenicknicolasnicolenikkininanoahnoelnoranorma"
    "normanolaolgaoliveroliviaollieomaropaloraorlandoorvilleoscarotisowenpablopampamela"
    "patricapatricepatriciapatrickpatsypattipattypaulpaulapaulettepaulinepedropeggypercyperry"
    "petepeterphilphilipphillipphyllispollyprestonpriscillarachaelrachelrafaelralphramiro"
    "ramonramonarandalrandallrandolphrandyraquelraulraymondrebarebeccarebekahreginareginald"
    "renarenereneerexrhondaricardorichardrickrickeyrickyritarobertrobertarobertorobinrobyn"
    "rochelleroderickrodneyrodolforogeliorogerrolandrolandoromanronronaldrondaronnieroosevelt"
    "rosarosalierosariorosemarierosemaryrosettarosierossroxanneroyrubenrudolphrudyrufus"
    "russellruthryansabrinasadiesalliesallysalvadorsalvatoresamsamanthasammysamuelsandra"
    "santiagosarasarahsaulscottseansergiosethshaneshannashannonsharisharonshaunshawnshawna"
    "sheilashelbysheldonsheliashelleyshellysherishermansherrisherriesherrysherylshirleysidney"
    "silviasimonsoniasonjasonyasophiasophiespencerstaceystaciestacystanleystefaniestella"
    "stephaniestephenstevestevenstewartstuartsusansusannesusiesuzannesylvestersylviatabitha"
    "tamaratamitamikatammietammytanyataratashataylortedterenceteresateriterranceterrell"
    "terrenceterriterrythelmatheodoretheresatheresethomastiffanytimtimothytinatoddtomtomas"
    "tommietommytonitonytonyatraceytracitracietracytravistrevortriciatrinatrishatroytrudy"
    "tylertyronevalerievanessavelmaveravernavernonveronicavickivickievickyvictorvictoria"
    "vincentviolavioletvirgilvirginiavivianwallacewalterwandawarrenwaynewendellwendywesley"
    "whitneywilbertwilburwilfredwillardwilliamwilliewilliswilmawilsonwinifredwoodrowyolanda"
    "yvetteyvonnezachary";

static const uint16_t starts[] = {
    0,    5,    12,   19,   22,   26,   31,   36,   42,   49,   57,   62,   66,   71,   75,   81,
    88,   95,   104,  108,  117,  126,  132,  139,  145,  152,  157,  163,  168,  174,  180,  185,
    190,  197,  201,  207,  212,  217,  223,  229,  234,  240,  244,  247,  250,  255,  261,  267,
    273,  277,  282,  288,  296,  304,  310,  315,  320,  323,  327,  331,  338,  343,  350,  360,
    367,  374,  380,  386,  393,  399,  405,  411,  417,  423,  429,  435,  442,  447,  455,  460,
    467,  470,  478,  484,  489,  499,  506,  513,  517,  523,  529,  533,  540,  545,  551,  556,
    562,  569,  575,  580,  585,  591,  598,  604,  609,  615,  621,  625,  633,  640,  646,  653,
    659,  665,  670,  675,  680,  687,  695,  703,  709,  714,  719,  725,  730,  737,  742,  748,
    755,  762,  769,  776,  781,  785,  789,  794,  800,  807,  813,  818,  824,  832,  840,  847,
    853,  860,  865,  874,  880,  889,  894,  901,  906,  913,  919,  926,  931,  936,  940,  948,
    955,  962,  971,  978,  983,  989,  995,  1002, 1007, 1014, 1022, 1031, 1040, 1051, 1058, 1063,
    1069, 1074, 1082, 1087, 1093, 1100, 1107, 1111, 1119, 1126, 1131, 1138, 1143, 1147, 1152, 1159,
    1165, 1171, 1180, 1188, 1192, 1197, 1204, 1213, 1217, 1225, 1230, 1238, 1244, 1251, 1256, 1259,
    1263, 1269, 1277, 1282, 1287, 1292, 1299, 1306, 1312, 1319, 1325, 1331, 1336, 1340, 1345, 1351,
    1357, 1363, 1370, 1375, 1382, 1387, 1392, 1399, 1406, 1410, 1416, 1422, 1427, 1434, 1441, 1446,
    1451, 1457, 1462, 1467, 1473, 1479, 1483, 1490, 1497, 1500, 1506, 1511, 1517, 1521, 1527, 1532,
    1540, 1547, 1553, 1557, 1564, 1569, 1574, 1580, 1586, 1592, 1599, 1604, 1609, 1614, 1619, 1625,
    1629, 1636, 1642, 1647, 1652, 1658, 1664, 1670, 1677, 1682, 1687, 1692, 1701, 1710, 1714, 1719,
    1724, 1729, 1735, 1739, 1744, 1748, 1754, 1759, 1763, 1770, 1774, 1779, 1784, 1788, 1793, 1797,
    1801, 1807, 1816, 1823, 1828, 1837, 1842, 1849, 1856, 1862, 1867, 1871, 1877, 1884, 1888, 1894,
    1897, 1901, 1907, 1914, 1920, 1923, 1927, 1934, 1940, 1945, 1949, 1957, 1962, 1970, 1975, 1982,
    1989, 1997, 2004, 2013, 2022, 2027, 2034, 2042, 2046, 2051, 2058, 2067, 2075, 2082, 2086, 2093,
    2098, 2102, 2107, 2113, 2122, 2130, 2136, 2143, 2149, 2158, 2164, 2171, 2179, 2186, 2194, 2198,
    2204, 2208, 2214, 2219, 2225, 2231, 2237, 2242, 2246, 2251, 2258, 2266, 2275, 2284, 2291, 2295,
    2304, 2310, 2316, 2323, 2328, 2334, 2340, 2345, 2352, 2358, 2363, 2368, 2374, 2380, 2389, 2394,
    2401, 2407, 2412, 2417, 2423, 2429, 2435, 2439, 2443, 2446, 2449, 2456, 2459, 2463, 2469, 2472,
    2477, 2481, 2486, 2492, 2497, 2503, 2509, 2515, 2518, 2522, 2526, 2532, 2537, 2547, 2556, 2561,
    2565, 2570, 2575, 2578, 2582, 2586, 2593, 2598, 2605, 2611, 2616, 2622, 2627, 2632, 2639, 2644,
    2650, 2654, 2662, 2668, 2677, 2684, 2688, 2695, 2702, 2709, 2714, 2720, 2728, 2733, 2741, 2747,
    2755, 2761, 2766, 2771, 2778, 2784, 2789, 2795, 2799, 2806, 2809, 2815, 2820, 2824, 2829, 2835,
    2841, 2845, 2849, 2852, 2856, 2860, 2867, 2871, 2880, 2887, 2893, 2896, 2904, 2912, 2918, 2923,
    2927, 2935, 2941, 2950, 2954, 2960, 2965, 2970, 2974, 2979, 2986, 2992, 2996, 3001, 3007, 3012,
    3017, 3023, 3029, 3033, 3038, 3042, 3047, 3051, 3056, 3060, 3069, 3077, 3084, 3089, 3094, 3101,
    3104, 3109, 3114, 3120, 3125, 3131, 3136, 3142, 3148, 3151, 3157, 3164, 3169, 3173, 3178, 3183,
    3188, 3191, 3200, 3208, 3212, 3218, 3225, 3231, 3238, 3245, 3253, 3261, 3271, 3277, 3284, 3288,
    3292, 3297, 3301, 3306, 3313, 3320, 3326, 3331, 3337, 3343, 3351, 3357, 3364, 3372, 3376, 3379,
    3384, 3388, 3394, 3398, 3404, 3407, 3411, 3416, 3423, 3428, 3434, 3440, 3447, 3451, 3456, 3460,
    3467, 3473, 3478, 3485, 3492, 3498, 3502, 3507, 3511, 3515, 3521, 3525, 3530, 3536, 3542, 3549,
    3556, 3560, 3565, 3573, 3579, 3582, 3587, 3593, 3600, 3606, 3611, 3616, 3623, 3630, 3634, 3638,
    3642, 3646, 3650, 3656, 3659, 3664, 3668, 3673, 3680, 3684, 3689, 3694, 3699, 3703, 3711, 3714,
    3720, 3727, 3732, 3737, 3743, 3747, 3755, 3761, 3766, 3772, 3778, 3786, 3795, 3801, 3811, 3816,
    3822, 3830, 3837, 3842, 3849, 3855, 3860, 3866, 3873, 3881, 3886, 3893, 3899, 3907, 3912, 3918,
    3924, 3929, 3935, 3939, 3946, 3952, 3956, 3963, 3969, 3974, 3981, 3988, 3991, 3997, 4002, 4008,
    4015, 4020, 4027, 4034, 4040, 4048, 4056, 4061, 4068, 4075, 4082, 4090, 4096, 4100, 4107, 4113,
    4118, 4124, 4131, 4137, 4145, 4151, 4156, 4160, 4166, 4173, 4179, 4185, 4190, 4196, 4200, 4205,
    4210, 4216, 4222, 4227, 4232, 4239, 4246, 4252, 4261, 4265, 4269, 4273, 4279, 4285, 4291, 4299,
    4306, 4310, 4317, 4323, 4328, 4332, 4336, 4340, 4344, 4349, 4355, 4358, 4362, 4368, 4374, 4379,
    4383, 4387, 4390, 4397, 4404, 4409, 4413, 4417, 4422, 4425, 4431, 4438, 4445, 4453, 4460, 4465,
    4470, 4475, 4479, 4484, 4492, 4499, 4504, 4509, 4514, 4519, 4523, 4528, 4532, 4538, 4545, 4552,
    4557, 4564, 4573, 4580, 4586, 4592, 4597, 4603, 4608, 4614, 4620, 4627, 4635, 4640, 4646, 4650,
    4657, 4661, 4668, 4675, 4681, 4689, 4693, 4697, 4702, 4705, 4711, 4718, 4725, 4729, 4735, 4740,
    4744, 4750, 4757, 4764, 4769, 4774, 4782, 4790, 4796, 4803, 4810, 4815, 4821, 4828, 4833, 4836,
    4842, 4847, 4853, 4862, 4866, 4873, 4880, 4889, 4897, 4904, 4909, 4913, 4920, 4923, 4928, 4935,
    4939, 4944, 4951, 4955, 4959, 4966, 4971, 4977, 4982, 4990, 4999, 5002, 5010, 5015, 5021, 5027,
    5035, 5039, 5044, 5048, 5053, 5057, 5063, 5067, 5072, 5078, 5085, 5090, 5096, 5101, 5106, 5112,
    5118, 5124, 5131, 5137, 5144, 5150, 5155, 5162, 5168, 5175, 5181, 5187, 5194, 5200, 5206, 5211,
    5216, 5221, 5226, 5232, 5238, 5245, 5251, 5257, 5262, 5269, 5277, 5283, 5292, 5299, 5304, 5310,
    5317, 5323, 5328, 5335, 5340, 5347, 5356, 5362, 5369, 5375, 5379, 5385, 5391, 5396, 5401, 5405,
    5410, 5416, 5419, 5426, 5432, 5436, 5444, 5451, 5459, 5464, 5469, 5475, 5483, 5490, 5497, 5503,
    5510, 5513, 5520, 5524, 5528, 5531, 5536, 5542, 5547, 5551, 5555, 5560, 5566, 5571, 5577, 5582,
    5588, 5594, 5600, 5605, 5611, 5615, 5620, 5625, 5631, 5638, 5645, 5650, 5654, 5659, 5665, 5673,
    5678, 5684, 5689, 5695, 5703, 5710, 5715, 5721, 5727, 5735, 5741, 5748, 5754, 5759, 5765, 5770,
    5777, 5782, 5788, 5795, 5802, 5808, 5815, 5822, 5829, 5835, 5841, 5846, 5852, 5860, 5867, 5874,
    5880, 5886, 5893};

const struct detect_words detect_given_names = {text, starts,
                                                sizeof(starts) / sizeof(starts[0]) - 1};
