"""Writes a PDF whose pages are pictures of text, as a scanner makes them: grey, noisy, a little askew; and the text
that stands on them. make_scan.py FILE.pdf LANGUAGE (en or zh); everything in it is made up from a fixed seed."""
import random
import sys

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
WIDTH, HEIGHT = 2480, 3508  # A4 at 300 dots per inch
WORDS = {"en": ("the department holds records of permits which residents asked for in this district and every office keeps its own "
                "table so that a person has to carry papers between them").split(),
         "zh": list("本区各部门掌握居民申请许可的记录每个单位保存自己的表格所以群众办事需要往返提交材料数据治理应当依法公开透明")}


def resident_id(draw):
    digits = [draw.choice("12345")] + [draw.choice("0123456789") for _ in range(5)]
    digits += list(f"19{draw.randrange(12, 30)}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}9{draw.randrange(100):02}")
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "".join(digits) + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


def lines(draw, language):
    for _ in range(40):
        words = [draw.choice(WORDS[language]) for _ in range(8 if language == "en" else 22)]
        sentence = " ".join(words) if language == "en" else "".join(words)
        yield sentence
        yield (f"Resident {resident_id(draw)}, phone 139{draw.randrange(10**8):08}" if language == "en"
               else f"身份证号 {resident_id(draw)} 电话 139{draw.randrange(10**8):08}")


def page(texts, draw):
    picture = Image.new("L", (WIDTH, HEIGHT), 250)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, 50)  # 12 points
    for i, text in enumerate(texts):
        pen.text((200, 200 + 78 * i), text, fill=30, font=font)
    picture = picture.rotate(0.3, fillcolor=250, resample=Image.BICUBIC).filter(ImageFilter.GaussianBlur(0.8))
    pixels = picture.load()
    for _ in range(40000):
        pixels[draw.randrange(WIDTH), draw.randrange(HEIGHT)] = draw.randrange(256)
    return picture


source = random.Random(sys.argv[2])
texts = list(lines(source, sys.argv[2]))
pages = [page(texts[i:i + 40], source) for i in range(0, len(texts), 40)]
pages[0].save(sys.argv[1], "PDF", resolution=300, save_all=True, append_images=pages[1:])
print("\n".join(texts))
