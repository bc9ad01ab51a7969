# SQLAlchemy's ORM over psycopg2: schema, reflection, relations, flushes, bulk writes, isolation.

import sqlalchemy as sa
from answers import attempt, keywords, tell, version
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship, selectinload

version(sa.__version__)
Base = declarative_base()


class Author(Base):
    __tablename__ = "orm_author"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, unique=True)
    tags = sa.Column(postgresql.ARRAY(sa.String))
    profile = sa.Column(postgresql.JSONB)
    joined = sa.Column(sa.DateTime(timezone=True))
    mood = sa.Column(sa.Enum("calm", "cross", name="orm_mood"))
    books = relationship("Book", back_populates="author", cascade="all, delete-orphan", order_by="Book.id")


class Book(Base):
    __tablename__ = "orm_book"
    id = sa.Column(sa.Integer, primary_key=True)
    title = sa.Column(sa.Text, index=True)
    price = sa.Column(sa.Numeric(8, 2), sa.CheckConstraint("price >= 0"))
    author_id = sa.Column(sa.ForeignKey("orm_author.id"))
    author = relationship("Author", back_populates="books")


def told(error):
    origin = getattr(error, "orig", None)
    return [type(error).__name__, getattr(origin, "pgcode", None), str(origin)]


def shape(engine, table):
    found = sa.inspect(engine)
    return {
        "columns": [[c["name"], str(c["type"]), c["nullable"], c["default"]] for c in found.get_columns(table)],
        "keys": [found.get_pk_constraint(table), found.get_foreign_keys(table)],
        "unique": found.get_unique_constraints(table),
        "checks": found.get_check_constraints(table),
        "indexes": sorted(map(str, found.get_indexes(table))),
    }


def work(mode, session, engine):
    ada = Author(name="ada", tags=["a", "ünï"], profile={"k": [1, None]}, joined=sa.func.to_timestamp(86400), mood="calm")
    ada.books = [Book(title=f"book {i}", price=i) for i in range(30)]
    session.add_all([ada, Author(name="bob", mood="cross")])
    session.commit()
    tell(mode, "flush with generated keys", [ada.id, [b.id for b in ada.books][:3], str(ada.joined)])
    for name, loader in [("joined", joinedload), ("in select", selectinload)]:
        asked = sa.select(Author).options(loader(Author.books)).order_by(Author.id)
        authors = session.execute(asked).unique().scalars().all()
        tell(mode, f"relations, {name}", [[a.name, a.tags, a.profile, len(a.books)] for a in authors])
    grouped = sa.select(Author.name, sa.func.count(Book.id), sa.func.sum(Book.price)).outerjoin(Book).group_by(Author.name)
    tell(mode, "aggregates over an outer join", session.execute(grouped.order_by(Author.name)).all())
    window = sa.func.rank().over(order_by=Book.price.desc(), partition_by=Book.author_id)
    part = sa.select(Book.title, window.label("place")).cte("ranked")
    tell(mode, "a window in a CTE", session.execute(sa.select(part).where(part.c.place <= 3)).all())
    tell(mode, "inside JSON and arrays", session.execute(
        sa.select(Author.name).where(Author.profile["k"][0].as_integer() == 1, Author.tags.contains(["a"]))).all())
    upsert = insert(Author).values(name="ada", mood="cross").on_conflict_do_update(
        index_elements=[Author.name], set_={"mood": "cross"}).returning(Author.name, Author.mood)
    tell(mode, "upsert", session.execute(upsert).all())
    session.execute(sa.update(Book).where(Book.price > 25).values(price=Book.price * 2))
    session.execute(sa.delete(Book).where(Book.price < 3))
    session.commit()
    tell(mode, "update and delete", session.execute(sa.select(sa.func.count(), sa.func.sum(Book.price)).select_from(Book)).all())
    session.bulk_insert_mappings(Book, [{"title": f"bulk {i}", "price": i, "author_id": ada.id} for i in range(1500)])
    session.commit()
    tell(mode, "many rows", session.scalar(sa.select(sa.func.count()).select_from(Book)))
    stream = session.execute(sa.select(Book.title).order_by(Book.id), execution_options={"stream_results": True})
    tell(mode, "a stream", [len(part) for part in stream.partitions(400)])
    session.rollback()
    failures(mode, session)
    with session.begin_nested():
        session.add(Author(name="in a savepoint"))
    session.rollback()
    tell(mode, "rolled back", session.execute(sa.select(Author.name).order_by(Author.id)).scalars().all())
    session.rollback()
    tell(mode, "a locked row", session.execute(sa.select(Author.name).with_for_update(skip_locked=True).order_by(Author.id)).all())
    session.rollback()


def failures(mode, session):
    for name, row in [("unique", Author(name="ada")), ("null", Author(name=None)), ("check", Book(price=-1)),
                      ("foreign key", Book(author_id=99999)), ("enum", Author(name="x", mood="calm" * 9))]:
        def flush():
            session.add(row)
            session.flush()
        tell(mode, f"a violation: {name}", attempt(flush, told))
        session.rollback()


def run(mode, **options):
    parts = keywords(user="username", dbname="database")
    engine = sa.create_engine(sa.engine.URL.create("postgresql+psycopg2", **parts), **options)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    tell(mode, "tables", sorted(name for name in sa.inspect(engine).get_table_names() if name.startswith("orm_")))
    tell(mode, "reflection", [shape(engine, "orm_author"), shape(engine, "orm_book"), sa.inspect(engine).get_enums()])
    reflected = sa.MetaData()
    reflected.reflect(engine, only=["orm_book"])
    tell(mode, "reflected tables", sorted(reflected.tables))
    with Session(engine) as session:
        work(mode, session, engine)
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        tell(mode, "an isolation level", connection.scalar(sa.text("SHOW transaction_isolation")))
    Base.metadata.drop_all(engine)
    engine.dispose()


run("psycopg2")
run("psycopg2, values at once", executemany_mode="values_plus_batch", pool_pre_ping=True)
