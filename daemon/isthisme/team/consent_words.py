"""What an owner agrees to before vectors leave their computer, in plain words.

Whoever changes the words raises VERSION: a consent holds for the words that were read, and for no others.
"""

from typing import Literal

type Language = Literal["en", "zh"]

VERSION = 1
AGREEING: dict[Language, str] = {"en": "yes", "zh": "同意"}
QUESTION: dict[Language, str] = {
    "en": "Type yes to agree; anything else sends nothing",
    "zh": "输入“同意”表示同意；输入其他任何内容都不会发送",
}

_EN = """\
Your photos' vectors are about to leave this computer.

They go to   {server}
as           {owner}

A vector is a row of numbers that a photo is recognised by. For each of your photos this sends:
  - 512 numbers that say how it looks, and 64 bits that say it more coarsely,
  - the numbers that this program gave it, which tell the order in which photos came, the name of the model, and the
    name above.

What whoever runs that server, or breaks into it, can learn from vectors:
  - whether a picture that they have is among your photos, also where it was cut or edited;
  - which of your photos look alike: the same place, the same person, the same day;
  - how many photos you have, and when some are added or taken away;
  - roughly what a photo shows. Published attacks turn such numbers back into blurred pictures, and attacks get better.
    Take it that a stranger may see a rough picture of any photo whose vector is there: faces, places, nudity.

What does not leave: the photos, their small previews, names of files and folders, dates and camera notes, names of
people, what you browse, what was found.

This program cannot see what the server does with vectors. You may take your word back: isthisme team withdraw
stops the sending and deletes your vectors from the server. Copies that somebody made before, backups included, stay.
"""

_ZH = """\
您照片的向量即将离开这台电脑。

发送到   {server}
名称为   {owner}

向量是用来辨认照片的一列数字。对您的每张照片，将发送：
  - 描述其外观的 512 个数字，以及更粗略地描述它的 64 个比特；
  - 本程序给照片的编号（可看出照片加入的先后）、模型的名称，以及上面的名称。

运营该服务器的人，或侵入它的人，能从向量中得知：
  - 他们手中的某张图片是否在您的照片之中，即使它经过裁剪或编辑；
  - 您的哪些照片彼此相似：同一地点、同一个人、同一天；
  - 您有多少张照片，何时有所增减；
  - 照片大致的内容。已公开的攻击方法能把这些数字还原成模糊的图片，而且方法会越来越好。
    请假定：凡是向量在那里的照片，陌生人都可能看到它的大致样子，包括裸露、面孔和地点。

不会离开的有：照片本身及其缩略图、文件名和文件夹名、日期和相机信息、人名、您的浏览记录、已发现的内容。

本程序无法得知服务器如何处理向量。您可以收回同意：isthisme team withdraw
会停止发送，并从服务器上删除您的向量。他人此前所作的副本（包括备份）仍会存在。
"""

_WORDS: dict[Language, str] = {"en": _EN, "zh": _ZH}


def consent_words(language: Language, server: str, owner: str) -> str:
    """The whole text, as it is shown."""
    return _WORDS[language].format(server=server, owner=owner)
